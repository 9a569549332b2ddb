import type { EventType, RunEvent } from '@corch/contract';

export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>;
type Grouped = 'tool_use' | 'tool_result' | 'output' | 'api_retry' | 'raw';

interface Place {
  /** Of its first event; steps are ordered by it and links point at it. */
  readonly seq: number;
  /** Of its last event so far. */
  readonly lastSeq: number;
  readonly at: string;
}

/** What a reader sees as one thing. */
export type Step =
  | (Place & {
      readonly kind: 'tool';
      readonly use: EventOf<'tool_use'>;
      readonly result: EventOf<'tool_result'> | null;
      readonly denied: EventOf<'denied'> | null;
      /** The folder it worked in, to show paths without it. */
      readonly folder: string;
      /** What a subagent did inside of this call. */
      readonly children: readonly Step[];
    })
  | (Place & { readonly kind: 'output'; readonly parts: readonly EventOf<'output'>[]; readonly size: number })
  | (Place & { readonly kind: 'retries'; readonly retries: readonly EventOf<'api_retry'>[] })
  | (Place & { readonly kind: 'raws'; readonly raws: readonly EventOf<'raw'>[] })
  | (Place & { readonly kind: 'single'; readonly event: Exclude<RunEvent, { type: Grouped }> })
  /** The result of a call that was never seen. */
  | (Place & { readonly kind: 'stray'; readonly event: EventOf<'tool_result'> });

export type ToolStep = Extract<Step, { kind: 'tool' }>;

/** Output is shown in blocks of about this many characters, so that a chatty command stays light. */
const maxOutputSize = 32_000;

/**
 * Folds the events of a run into steps, as they arrive. Steps that change are replaced, the others stay the same objects, so a view
 * redraws only what is new.
 */
export class StepGrouper {
  private list: Step[] = [];
  /** Where each tool call is: its index in its list, and the call whose subagent made it. */
  private readonly calls = new Map<string, { index: number; parent: string | null }>();
  private lastSeq = 0;
  private folder = '';

  get steps(): readonly Step[] {
    return this.list;
  }

  /** Takes events in order; those that were taken before are skipped. */
  add(events: readonly RunEvent[]): void {
    // A new array tells watchers that something changed.
    this.list = [...this.list];
    for (const event of events) {
      if (event.seq <= this.lastSeq) continue;
      this.lastSeq = event.seq;
      this.take(event);
    }
  }

  private take(event: RunEvent): void {
    const parent = this.parentOf(event);
    switch (event.type) {
      case 'tool_use':
        this.append(parent, {
          ...place(event),
          kind: 'tool',
          use: event,
          result: null,
          denied: null,
          folder: this.folder,
          children: [],
        });
        return;
      case 'tool_result':
        if (this.calls.has(event.toolUseId)) {
          this.change(event.toolUseId, (step) => ({ ...step, result: event, lastSeq: event.seq }));
        } else this.append(parent, { ...place(event), kind: 'stray', event });
        return;
      case 'denied':
        if (event.toolUseId != null && this.calls.has(event.toolUseId)) {
          this.change(event.toolUseId, (step) => ({ ...step, denied: event, lastSeq: event.seq }));
        } else this.append(parent, { ...place(event), kind: 'single', event });
        return;
      case 'output':
        this.takeOutput(event);
        return;
      case 'api_retry':
        this.takeRetry(event);
        return;
      case 'raw':
        this.takeRaw(event);
        return;
      default:
        if (event.type === 'session') this.folder = event.cwd;
        this.append(parent, { ...place(event), kind: 'single', event });
    }
  }

  private takeOutput(event: EventOf<'output'>): void {
    const last = this.list.at(-1);
    if (last?.kind === 'output' && last.size < maxOutputSize) {
      this.list[this.list.length - 1] = {
        ...last,
        lastSeq: event.seq,
        parts: [...last.parts, event],
        size: last.size + event.text.length,
      };
    } else this.list.push({ ...place(event), kind: 'output', parts: [event], size: event.text.length });
  }

  private takeRetry(event: EventOf<'api_retry'>): void {
    const last = this.list.at(-1);
    if (last?.kind === 'retries') {
      this.list[this.list.length - 1] = { ...last, lastSeq: event.seq, retries: [...last.retries, event] };
    } else this.list.push({ ...place(event), kind: 'retries', retries: [event] });
  }

  private takeRaw(event: EventOf<'raw'>): void {
    const last = this.list.at(-1);
    if (last?.kind === 'raws') {
      this.list[this.list.length - 1] = { ...last, lastSeq: event.seq, raws: [...last.raws, event] };
    } else this.list.push({ ...place(event), kind: 'raws', raws: [event] });
  }

  /** The known call whose subagent said it. */
  private parentOf(event: RunEvent): string | null {
    const parent = 'parentToolUseId' in event ? event.parentToolUseId : null;
    return parent != null && this.calls.has(parent) ? parent : null;
  }

  private append(parent: string | null, step: Step): void {
    let index = this.list.length;
    if (parent === null) this.list.push(step);
    else {
      this.change(parent, (call) => {
        index = call.children.length;
        return { ...call, children: [...call.children, step], lastSeq: step.lastSeq };
      });
    }
    if (step.kind === 'tool') this.calls.set(step.use.toolUseId, { index, parent });
  }

  private change(toolUseId: string, change: (step: ToolStep) => ToolStep): void {
    const call = this.calls.get(toolUseId);
    if (call === undefined) return;
    if (call.parent === null) replaceTool(this.list, call.index, change);
    else {
      this.change(call.parent, (parent) => {
        const children = [...parent.children];
        replaceTool(children, call.index, change);
        return { ...parent, children };
      });
    }
  }
}

function place(event: RunEvent): Place {
  return { seq: event.seq, lastSeq: event.seq, at: event.at };
}

function replaceTool(list: Step[], index: number, change: (step: ToolStep) => ToolStep): void {
  const step = list[index];
  if (step?.kind === 'tool') list[index] = change(step);
}

/** The index of the step that holds event `seq`, or -1. A result belongs to the step of its call, wherever that is. */
export function findStep(steps: readonly Step[], seq: number): number {
  return steps.findIndex((step) => holds(step, seq));
}

function holds(step: Step, seq: number): boolean {
  if (step.seq === seq) return true;
  switch (step.kind) {
    case 'tool':
      return step.result?.seq === seq || step.denied?.seq === seq || step.children.some((child) => holds(child, seq));
    case 'output':
    case 'retries':
    case 'raws':
      // Nothing else comes in between.
      return step.seq <= seq && seq <= step.lastSeq;
    default:
      return false;
  }
}

/** Whether something in it went wrong: such steps start unfolded. */
export function isBad(step: ToolStep): boolean {
  return step.denied !== null || step.result?.isError === true;
}
