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
  private readonly denied = new Map<string, string>();

  /** Understands a line; returns its events (a denial is told once) and its signal. */
  read(line: string): { events: EventBody[]; signal: LineSignal | null } {
    const { events, signal } = parseClaudeLine(line);
    if (signal !== null) this.take(signal);
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
    const models = Object.entries(result.modelUsage ?? {}).map(([name, usage]) => [
      name,
      {
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
        cacheReadInputTokens: usage.cacheReadInputTokens,
        cacheCreationInputTokens: usage.cacheCreationInputTokens,
        costUsd: usage.costUSD,
      },
    ]);
    return {
      text: result.result == null ? null : startOf(result.result, maxAnswerBytes),
      ...(result.structured_output === undefined ? {} : { structured: result.structured_output }),
      turns: result.num_turns ?? null,
      models: Object.fromEntries(models) as RunResult['models'],
      denials: this.denials(),
    };
  }

  /** Whether nothing more is to come: the turn is over, nothing is queued and nothing works in the background. */
  get isDone(): boolean {
    return this.result !== null && (this.result.queued_turn_count ?? 0) === 0 && this.backgroundTasks === 0;
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
        this.result = signal.result;
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
      case 'permission':
        break;
    }
  }
}
