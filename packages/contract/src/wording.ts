// What zod says about a wrong value, as the end of a sentence that begins with the name of the field.
import { z } from 'zod';

const kinds: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

const units: Record<string, string> = { string: ' characters', array: ' entries', set: ' entries', map: ' entries' };

/** `must be at least 1`, `must be one of a, b`; undefined where zod's own words are as good. */
export function wordIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'too_small': {
      const unit = units[issue.origin] ?? '';
      if (unit !== '' && Number(issue.minimum) === 1) return 'must not be empty';
      const bound = issue.inclusive === false ? 'more than' : 'at least';
      return `must ${unit === '' ? 'be' : 'have'} ${bound} ${issue.minimum}${unit}`;
    }
    case 'too_big': {
      const unit = units[issue.origin] ?? '';
      const bound = issue.inclusive === false ? 'less than' : 'at most';
      return `must ${unit === '' ? 'be' : 'have'} ${bound} ${issue.maximum}${unit}`;
    }
    case 'invalid_type': {
      const kind = kinds[issue.expected];
      return kind === undefined ? undefined : `must be ${kind}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'datetime' ? 'must be a time such as 2026-01-31T09:00:00Z' : undefined;
    default:
      return undefined;
  }
}

z.config({ customError: wordIssue });
