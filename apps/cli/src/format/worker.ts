import type { LoginHold, Worker } from '@corch/contract';
import { oneLine } from './text.js';
import { momentText } from './time.js';

/** `active`, `paused`, `draining until 15:40`. */
export function modeText({ mode, drainBy }: Pick<Worker, 'mode' | 'drainBy'>, now: number): string {
  return mode === 'draining' && drainBy !== null ? `draining until ${momentText(drainBy, now)}` : mode;
}

const holds: Record<LoginHold['kind'], string> = {
  usage_limit: 'the plan limit is reached',
  auth: 'Claude refuses it',
  billing: 'its account has a billing problem',
};

/** Why no run uses the login of a worker now, and what helps; undefined when runs do. */
export function holdText(
  { name, loginHold }: Pick<Worker, 'name' | 'loginHold'>,
  now: number,
  commandLine: (rest: string) => string,
): string | undefined {
  if (loginHold === null) return undefined;
  const { kind, message, until } = loginHold;
  const said = message === null ? '' : ` (${oneLine(message).replace(/\.$/, '')})`;
  return `login on hold: ${holds[kind]}${said}. ${holdNext(until, now, `\`${commandLine(`worker resume ${name}`)}\``)}`;
}

function holdNext(until: string | null, now: number, resume: string): string {
  if (until === null) {
    return `Sign in there with \`claude auth login\`, or give it another key and start it again; then ${resume}.`;
  }
  return Date.parse(until) > now
    ? `One run tries it at ${momentText(until, now)}, the rest follow; ${resume} tries it now.`
    : 'One run tries it now, the rest follow.';
}
