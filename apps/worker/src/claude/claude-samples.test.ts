// Every recorded transcript is understood, and ends as what it was.
import { EventBody, type Outcome } from '@corch/contract';
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claudeOutcome, type ClaudeEnd } from './claude-outcome.js';
import { ClaudeTally } from './claude-tally.js';

const folder = fileURLToPath(new URL('../../fixtures/claude-samples/', import.meta.url));
const names = readdirSync(folder).map((file) => basename(file, '.jsonl'));

type Expected = [outcome: Outcome, how?: Partial<ClaudeEnd>];

const killed = (code: number | null, signal: string | null = null): Expected => ['agent_killed', { code, signal }];
const exit1 = { code: 1 };

/** How each ended; what is not listed succeeded with exit code 0. */
const endings: Record<string, Expected> = {
  'auth-apikey-rej': ['api_unavailable', exit1],
  'auth-noauth-ok': ['not_logged_in', exit1],
  'auth-oauth-bare-ok': ['not_logged_in', exit1],
  'auth-oauth-rej': ['usage_limit', exit1],
  'auth-oauth-rejplain': ['usage_limit', exit1],
  'err-e400': ['api_refused', exit1],
  'err-e400credit': ['billing', exit1],
  'err-e401': ['credentials_refused', exit1],
  'err-e403': ['api_refused', exit1],
  'err-e404': ['model_unknown', exit1],
  'err-e429ever': ['api_unavailable', exit1],
  'err-e500ever': ['api_unavailable', exit1],
  'err-e529ever': ['api_unavailable', exit1],
  'err-e529ever-fallback': ['api_unavailable', exit1],
  'err-econnrefused': ['api_unavailable', exit1],
  'err-toolong': ['prompt_too_long', exit1],
  'limit-budget': ['budget', exit1],
  'limit-budget-tiny': ['budget', exit1],
  'limit-max-turns': ['max_turns', exit1],
  'schema-never': ['answer_missing', { wantsAnswer: true }],
  'schema-ok': ['succeeded', { wantsAnswer: true }],
  'schema-retry': ['succeeded', { wantsAnswer: true }],
  'perm-default': ['permission_denied', { failOnDenied: true }],
  'control-allow-deny': ['permission_denied', { failOnDenied: true }],
  'control-deny-interrupt': ['agent_killed', exit1],
  'control-end-session': ['agent_killed', exit1],
  'control-interrupt-tool': ['cancelled', { code: 1, cancelled: true }],
  'control-garbage-line': ['agent_failed', { code: 1, stderr: 'Error parsing streaming input line' }],
  'control-idle-term': ['succeeded', { code: 143, endedAfterResult: true }],
  'root-bypass-as-root-results': ['agent_failed', exit1],
  'resume-unknown': ['agent_failed', exit1],
  'defer-1': ['agent_failed'],
  compact: ['agent_failed'],
  'fmt-text': ['agent_failed'],
  'signal-hup-bash': killed(129),
  'signal-int-bash': ['agent_killed'],
  'signal-int-stream': ['no_output', { timedOut: 'no_output' }],
  'signal-kill-bash': killed(null, 'SIGKILL'),
  'signal-killgroup-bash': killed(null, 'SIGKILL'),
  'signal-term-bash': killed(143),
  'signal-term-hang': ['run_time', { code: 143, timedOut: 'run_time' }],
  'signal-term-nohup': ['cancelled', { code: 143, cancelled: true }],
  'signal-term-stream': killed(143),
};

/** Kinds of lines that no event stands for. Whatever else is raw is a line that was not expected. */
const knownRaw = new Set(['attachment', 'control_request/initialize', 'control_request/interrupt']);

/** Control samples hold both directions; only what Claude Code said counts. */
function linesOf(name: string): string[] {
  const lines = readFileSync(`${folder}${name}.jsonl`, 'utf8').split('\n').filter(Boolean);
  return lines.filter((line) => !line.startsWith('{"dir":">>"')).map((line) => line.replace('"dir":"<<",', ''));
}

describe('recorded transcripts', () => {
  it('are all there', () => {
    expect(names).toHaveLength(93);
    expect(Object.keys(endings).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(names)('%s', (name) => {
    const tally = new ClaudeTally();
    const events = linesOf(name).flatMap((line) => tally.read(line).events);
    for (const event of events) expect(EventBody.safeParse(event).error).toBeUndefined();
    const raw = events.flatMap((event) => (event.type === 'raw' ? [kindOf(event.line)] : []));
    expect(raw.filter((kind) => !knownRaw.has(kind))).toEqual([]);

    const [outcome, how] = endings[name] ?? (['succeeded'] as Expected);
    const end: ClaudeEnd = {
      code: 0,
      signal: null,
      result: tally.result,
      apiError: tally.apiError,
      usageLimit: tally.usageLimit,
      stderr: '',
      wantsAnswer: false,
      failOnDenied: false,
      denials: tally.denialCount,
      endedAfterResult: false,
      cancelled: false,
      timedOut: null,
      ...how,
    };
    expect(claudeOutcome(end).outcome).toBe(outcome);
  });
});

function kindOf(line: unknown): string {
  const { type, subtype, request } = line as { type?: string; subtype?: string; request?: { subtype?: string } };
  const detail = subtype ?? request?.subtype;
  return detail === undefined ? String(type) : `${type}/${detail}`;
}
