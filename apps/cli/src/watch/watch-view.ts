import {
  isFinal,
  reasonRow,
  repositoryName,
  type Reason,
  type RunEvent,
  type Status,
  type TaskDetail,
} from '@corch/contract';
import type { FeedState } from '@corch/contract/client';
import pc from 'picocolors';
import type { Context } from '../context.js';
import { shortId, statusMark } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { clock } from '../format/time.js';
import { line, paint, type Line } from '../transcript/line.js';
import { TranscriptRenderer } from '../transcript/renderer.js';
import type { TaskListener } from './follow-task.js';
import { StatusLine } from './status-line.js';

/** The line is cut to the width of the screen, and colour codes have none. */
const uncoloured = pc.createColors(false);

/** What a person sees who watches a task: header, transcript, and on a screen a line that says what goes on right now. */
export class WatchView implements TaskListener {
  private readonly statusLine: StatusLine;
  private renderer: TranscriptRenderer;
  private latest: TaskDetail | undefined;
  private runs = 0;
  private toldReason = '';
  private connectionState: FeedState = 'connecting';
  private gone = false;
  /** What the run asked and nobody has decided yet, by the transcript. */
  private asked: string[] = [];

  constructor(
    private readonly context: Context,
    private readonly full: boolean,
  ) {
    this.renderer = new TranscriptRenderer(full);
    // With --json stdout belongs to the document, so there is no line to keep at the bottom of it.
    const isScreen = context.output.isTty && !context.output.json;
    this.statusLine = new StatusLine(isScreen ? context.terminal.stdout : context.terminal.stderr, () =>
      isScreen ? this.statusText() : undefined,
    );
  }

  run(task: TaskDetail): void {
    this.latest = task;
    this.renderer = new TranscriptRenderer(this.full);
    this.asked = [];
    this.runs += 1;
    this.print(this.runs === 1 ? this.header(task) : [line('heading', `Run ${task.currentRun.attempt} begins.`)]);
    this.task(task);
  }

  event(event: RunEvent): void {
    if (event.type === 'status') {
      if (this.latest !== undefined) this.latest = { ...this.latest, status: event.status, reason: event.reason };
      // The header and the last line say these.
      if (isFinal(event.status) || (event.status === 'queued' && event.reason === null)) return;
      if (event.status === 'waiting') return this.parked(event.reason, event.text);
    }
    if (event.type === 'approval') {
      this.asked = this.asked.filter((id) => id !== event.approvalId);
      if (event.status === 'open') this.asked.push(event.approvalId);
    }
    this.print(this.renderer.push(event));
  }

  task(task: TaskDetail): void {
    this.latest = task;
    const reason = isFinal(task.status) ? '' : toldOnce(task);
    const isNew = reason !== this.toldReason && task.reasonText !== null && reason !== '';
    this.toldReason = reason;
    if (isNew && task.reason === 'approval') this.needsYou(task.status, task.reasonText ?? '');
    else if (isNew && task.reason !== 'starting') this.why(task.status, task.reasonText ?? '', task.hint);
    else this.statusLine.draw();
  }

  connection(state: FeedState): void {
    if (state === 'reconnecting' && !this.gone) {
      this.gone = true;
      this.aside('· connection lost, trying again …');
    } else if (state === 'live' && this.gone) {
      this.gone = false;
      this.aside('· connected again, nothing is missing');
    }
    this.connectionState = state;
    this.statusLine.draw();
  }

  /** Prints what is still open and takes the live line away. */
  finish(): void {
    this.print(this.renderer.end());
    this.statusLine.stop();
  }

  private header(task: TaskDetail): Line[] {
    const facts = [
      oneLine(task.id),
      task.status,
      task.repository && repositoryName(task.repository),
      task.branch ?? undefined,
      task.workerName ?? undefined,
      task.demo ? 'demo: scripted model, no cost' : undefined,
    ];
    return [
      line('heading', oneLine(task.title)),
      line('note', facts.filter((fact) => fact !== undefined && fact !== '').join(' · ')),
      line('note', task.url),
    ];
  }

  private print(shown: readonly Line[]): void {
    if (shown.length === 0) return this.statusLine.draw();
    const { output } = this.context;
    this.statusLine.around(() => {
      for (const each of shown) {
        if (output.json) output.note(paint(each, output.noteColor));
        else output.data(paint(each, output.color));
      }
    });
  }

  /** The run left its slot and goes on by itself; whoever watches is told until when, and goes on watching. */
  private parked(reason: Reason | null, text: string | null): void {
    const known = reason === null ? undefined : reasonRow(reason);
    this.toldReason = toldOnce({ status: 'waiting', reason, reasonText: null });
    if (reason === 'approval') return this.needsYou('waiting', text ?? known?.sentence ?? '');
    this.why('waiting', text ?? known?.sentence ?? '', known?.next ?? null);
  }

  /** Somebody has to decide; the lines that do it, for each thing that was asked. */
  private needsYou(status: Status, text: string): void {
    this.why(status, text, null);
    const { commandLine } = this.context;
    const lines = this.asked.map(
      (id) => `  ${commandLine(`approve ${shortId(id)}`)}   ${commandLine(`deny ${shortId(id)} -m "…"`)}`,
    );
    this.print((lines.length > 0 ? lines : [`  ${commandLine('inbox')}`]).map((each) => line('warn', each)));
  }

  private why(status: Status, text: string, hint: string | null): void {
    const next = hint === null ? '' : ` ${this.context.sentence(hint)}`;
    this.print([line('warn', `· ${status}: ${this.context.sentence(text)}${next}`)]);
  }

  private aside(text: string): void {
    this.statusLine.around(() => this.context.output.note(this.context.output.noteColor.yellow(text)));
  }

  private statusText(): string | undefined {
    const task = this.latest;
    if (task === undefined || isFinal(task.status)) return undefined;
    const since = task.currentRun.startedAt ?? task.currentRun.createdAt;
    const restMs = task.status === 'waiting' ? Date.parse(task.currentRun.readyAt) - Date.now() : 0;
    const call = this.renderer.current;
    const parts = [
      statusMark(task.status, uncoloured, task.reason),
      shortId(task.id),
      restMs > 0 ? `goes on in ${clock(restMs)}` : clock(Date.now() - Date.parse(since)),
      call === undefined ? undefined : `${call.text} ${clock(Date.now() - Date.parse(call.since))}`,
      this.connectionState === 'live' ? undefined : this.connectionState,
    ];
    return parts.filter((part) => part !== undefined).join(' · ');
  }
}

/** What is told once. A wait has its event and is then read with the task, in other words. */
function toldOnce({ status, reason, reasonText }: Pick<TaskDetail, 'status' | 'reason' | 'reasonText'>): string {
  return [status, reason, status === 'waiting' ? '' : reasonText].join(' ');
}
