// What the lines of a run add up to: the last result, denials, limits. No I/O; `run-claude.ts` feeds it.
import type { EventBody, RunResult } from '@corch/contract';
import { parseClaudeLine, type LineSignal } from './claude-output.js';
import type { ResultLine } from './claude-lines.js';
import { startOf } from './cut.js';

/** Characters of the final answer that are kept with the run. */
const maxAnswerBytes = 200_000;

/** Asked for at the end of planning; refusing it is how a plan run stays a plan, so it counts as no denial. */
export const planTool = 'ExitPlanMode';

/** Follows one run's lines. */
export class ClaudeTally {
  result: ResultLine | null = null;
  apiError: string | null = null;
  usageLimit: { resetsAt: number | null; limitType: string | null } | null = null;
  backgroundTasks = 0;
  /** Leaves out what the session had cost before this child: that was another run. */
  isContinued = false;
  private costBefore: ResultLine['modelUsage'] = null;
  /** The messages that were written and that no turn has taken up. */
  private readonly waiting = new Set<string>();
  private isTurnOpen = false;
  private tellsOfMessages = false;
  /** The plan that Claude asked for last to carry out; the request itself does not hold it. */
  plan: string | null = null;
  private lastText: string | null = null;
  private readonly denied = new Map<string, string>();

  /** Understands a line; returns its events (a denial is told once) and its signal. */
  read(line: string): { events: EventBody[]; signal: LineSignal | null } {
    const { events, signal } = parseClaudeLine(line);
    if (signal !== null) this.take(signal);
    for (const event of events) {
      if (event.type !== 'tool_use' || event.name !== planTool) continue;
      this.plan = typeof event.input['plan'] === 'string' ? event.input['plan'] : this.lastText;
    }
    this.lastText = events.findLast((event) => event.type === 'text')?.text ?? this.lastText;
    return { events: events.filter((event) => event.type !== 'denied' || this.isNewDenial(event)), signal };
  }

  /** Notes a tool call that the worker refuses; returns the event that tells it, or null when it was told. */
  deny(toolName: string, toolUseId: string | null, text: string): EventBody | null {
    const event = { type: 'denied' as const, toolName, toolUseId, text };
    return this.isNewDenial(event) ? event : null;
  }

  /** Denials that count against `failOnDenied`. */
  get denialCount(): number {
    return this.denials().length;
  }

  /** What the run produced, for its record. Null when Claude never came to a result. */
  runResult(): RunResult | null {
    const { result } = this;
    if (result === null) return null;
    const models = Object.entries(result.modelUsage ?? {}).map(([name, usage]) => {
      const own = this.isContinued ? minus(usage, this.costBefore?.[name]) : usage;
      return [
        name,
        {
          inputTokens: own.inputTokens,
          outputTokens: own.outputTokens,
          cacheReadInputTokens: own.cacheReadInputTokens,
          cacheCreationInputTokens: own.cacheCreationInputTokens,
          costUsd: own.costUSD,
        },
      ];
    });
    return {
      text: result.result == null ? null : startOf(result.result, maxAnswerBytes),
      ...(result.structured_output === undefined ? {} : { structured: result.structured_output }),
      turns: result.num_turns ?? null,
      models: Object.fromEntries(models) as RunResult['models'],
      denials: this.denials(),
    };
  }

  /** What this run cost; null when Claude never said. */
  get costUsd(): number | null {
    const total = this.result?.total_cost_usd ?? null;
    if (total === null || !this.isContinued) return total;
    const before = Object.values(this.costBefore ?? {}).reduce((sum, { costUSD }) => sum + costUSD, 0);
    return Math.max(0, total - before);
  }

  /** A message was written to the child: a turn will take it up. */
  expect(id: string): void {
    this.waiting.add(id);
  }

  /** A turn is under way, or about to begin. */
  get isAtWork(): boolean {
    return this.isTurnOpen || this.result === null || (this.tellsOfMessages && this.waiting.size > 0);
  }

  /** Whether nothing more is to come: the turn is over, nothing is queued and nothing works in the background. */
  get isDone(): boolean {
    return !this.isAtWork && (this.result?.queued_turn_count ?? 0) === 0 && this.backgroundTasks === 0;
  }

  private denials(): RunResult['denials'] {
    const all = new Map(this.denied);
    for (const denial of this.result?.permission_denials ?? []) {
      if (denial.tool_name !== planTool) all.set(denial.tool_use_id, denial.tool_name);
    }
    return [...all].map(([toolUseId, toolName]) => ({ toolName, toolUseId }));
  }

  private isNewDenial(event: EventBody & { type: 'denied' }): boolean {
    if (event.toolName === planTool) return false;
    const id = event.toolUseId ?? `${event.toolName}-${this.denied.size}`;
    if (this.denied.has(id)) return false;
    this.denied.set(id, event.toolName);
    return true;
  }

  private take(signal: LineSignal): void {
    switch (signal.type) {
      case 'result':
        // Claude Code counts on from where the session stood, and says what is new (seen on 2.1.330).
        this.costBefore ??= usageBefore(signal.result);
        this.result = signal.result;
        this.isTurnOpen = false;
        if (!signal.result.is_error) {
          this.apiError = null;
          this.usageLimit = null;
        }
        break;
      case 'api_error':
        this.apiError = signal.error;
        break;
      case 'usage_limit':
        this.usageLimit = { resetsAt: signal.resetsAt, limitType: signal.limitType };
        break;
      case 'background_tasks':
        this.backgroundTasks = signal.count;
        break;
      case 'command':
        this.tellsOfMessages = true;
        if (signal.state === 'queued') this.waiting.add(signal.id);
        else this.waiting.delete(signal.id);
        // A turn that breaks off is not as good as the one before it.
        if (signal.state === 'started') {
          this.isTurnOpen = true;
          this.result = null;
        }
        break;
      case 'permission':
      case 'permission_cancelled':
        break;
    }
  }
}

type Usage = NonNullable<ResultLine['modelUsage']>[string];

/** What was used before the turn that this result ends. */
function usageBefore({ modelUsage, model_usage_since_last_result: since }: ResultLine): ResultLine['modelUsage'] {
  if (since == null) return {};
  return Object.fromEntries(Object.entries(modelUsage ?? {}).map(([name, usage]) => [name, minus(usage, since[name])]));
}

function minus(usage: Usage, other: Usage | undefined): Usage {
  const less = (
    name: 'inputTokens' | 'outputTokens' | 'cacheReadInputTokens' | 'cacheCreationInputTokens' | 'costUSD',
  ) => Math.max(0, usage[name] - (other?.[name] ?? 0));
  return {
    inputTokens: less('inputTokens'),
    outputTokens: less('outputTokens'),
    cacheReadInputTokens: less('cacheReadInputTokens'),
    cacheCreationInputTokens: less('cacheCreationInputTokens'),
    costUSD: less('costUSD'),
  };
}
