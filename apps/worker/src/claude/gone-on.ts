// Whether a child that goes on in an interrupted turn is past what was open when it was interrupted. Pure.
import type { EventBody } from '@corch/contract';

/**
 * Claude Code asks the model anew for the call that was interrupted, and asks for every permission of that answer before the model
 * speaks again. So what it has not asked again by then, it does not ask for any more.
 */
export class GoneOn {
  private hasResult = false;
  private isDone = false;

  /** True once, with the events that show it. Subagents speak in between and say nothing about the turn. */
  saw(events: readonly EventBody[]): boolean {
    if (this.isDone) return false;
    for (const event of events) {
      if ('parentToolUseId' in event && event.parentToolUseId != null) continue;
      const speaks = event.type === 'text' || event.type === 'thinking' || event.type === 'tool_use';
      if (event.type === 'turn_result' || (speaks && this.hasResult)) return (this.isDone = true);
      if (event.type === 'tool_result') this.hasResult = true;
    }
    return false;
  }
}
