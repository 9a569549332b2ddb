import { filterErrorText, parseFilter } from '@corch/contract';
import { InvalidArgumentError } from 'commander';

/** A filter of tasks, see docs/filters.md. Empty, as an unset variable leaves it, would mean every task. */
export function parseFilterText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say which tasks, such as "status:failed age:<7d".');
  const { errors } = parseFilter(text);
  if (errors.length === 0) return text;
  throw new InvalidArgumentError(
    `${errors.map((error) => filterErrorText(text, error)).join('; ')}. See docs/filters.md.`,
  );
}
