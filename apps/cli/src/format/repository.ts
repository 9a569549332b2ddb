import type { Repository, Secret } from '@corch/contract';
import type { Output } from '../output.js';
import { defaultTexts } from '../submit/default-flags.js';
import { printField } from './fields.js';

/** The longest flag of a default, and a gap. */
const nameWidth = 20;

/** One repository with everything that is kept of it. */
export function printRepository(output: Output, repository: Repository, secrets?: readonly Secret[]): void {
  if (output.json) return output.document(secrets === undefined ? repository : { ...repository, secrets });
  const { name, url, defaultBranch, trusted, branchTemplate, apiUrl, defaults } = repository;
  const field = (title: string, value: string | undefined) => printField(output, title, value, nameWidth);
  const secret = (used: string | null) => {
    if (used === null) return undefined;
    const found = secrets?.find((one) => one.name === used);
    if (secrets === undefined || found?.readable === true) return used;
    return `${used} (${found === undefined ? 'not set' : 'cannot be read: the key is another one'})`;
  };
  field('name', name);
  field('url', url);
  field('branch', defaultBranch ?? undefined);
  field('trusted', trusted ? 'yes: its settings, hooks and MCP servers take part' : 'no');
  field('git secret', secret(repository.gitSecret));
  field('api secret', secret(repository.apiSecret));
  field('api url', apiUrl ?? undefined);
  field('branches', branchTemplate ?? undefined);
  for (const [flag, text] of defaultTexts(defaults)) field(flag, text);
}
