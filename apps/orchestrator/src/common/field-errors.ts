import type { FieldError } from '@corch/contract';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Turns what zod found into fields that a person (and a form) can find: one entry per field, with a JSON pointer (RFC 6901). */
export function fieldErrors(error: z.ZodError, input: unknown): FieldError[] {
  return error.issues.flatMap((issue) => fromIssue(issue, issue.path, input));
}

function fromIssue(issue: Issue, path: PropertyKey[], input: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointer([...path, key]),
      code: issue.code,
      message: 'is unknown here',
    }));
  }
  if (issue.code === 'invalid_union') {
    const closest = closestBranch(issue.errors);
    if (closest !== undefined) return closest.flatMap((inner) => fromIssue(inner, [...path, ...inner.path], input));
  }
  if (issue.code === 'invalid_type' && valueAt(input, path) === undefined) {
    return [{ pointer: pointer(path), code: 'required', message: 'is required' }];
  }
  return [
    { pointer: pointer(path), code: issue.code, message: issue.message.replace(/^Invalid input: /, 'is not valid: ') },
  ];
}

/** Of the alternatives of a union, the one that least is wrong with: most likely what was meant. */
function closestBranch(branches: readonly Issue[][]): Issue[] | undefined {
  const weigh = (issues: Issue[]) =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);
  return branches.reduce<Issue[] | undefined>(
    (best, issues) => (issues.length > 0 && (best === undefined || weigh(issues) < weigh(best)) ? issues : best),
    undefined,
  );
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}
