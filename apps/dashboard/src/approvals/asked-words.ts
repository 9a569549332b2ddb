import type { Approval } from '@corch/contract';

/** What it is about, in a few words. */
export function askedWords({ kind, toolName, input, cwd }: Approval): string {
  if (kind === 'plan') return 'Claude has a plan';
  if (kind === 'question') return 'Claude asks';
  if (typeof input['command'] === 'string') return 'Run a command';
  const path = input['file_path'] ?? input['notebook_path'];
  if (typeof path !== 'string') return `Use ${toolName}`;
  const place = cwd !== null && path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  return `${toolName} ${place}`;
}
