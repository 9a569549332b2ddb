import { isFinal, type RunEvent, type TaskDetail } from '@corch/contract';
import type { FeedState } from '@corch/contract/client';
import pc from 'picocolors';
import type { Context } from '../context.js';
import { repositoryName, shortId, statusMark } from '../format/facts.js';
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
    this.runs += 1;
    this.print(this.runs === 1 ? this.header(task) : [line('heading', `Run ${task.currentRun.attempt} begins.`)]);
    this.task(task);
  }

  event(event: RunEvent): void {
    if (event.type === 'status') {
      if (this.latest !== undefined) this.latest = { ...this.latest, status: event.status, reason: event.reason };
      // The header and the last line say these.
      if (isFinal(event.status) || (event.status === 'queued' && event.reason === null)) return;
    }
    this.print(this.renderer.push(event));
  }

  task(task: TaskDetail): void {
    this.latest = task;
    const reason = isFinal(task.status) ? '' : [task.status, task.reason, task.reasonText].join(' ');
    const isNew = reason !== this.toldReason && task.reasonText !== null && reason !== '';
    this.toldReason = reason;
    if (isNew && task.reason !== 'starting') {
      const next = task.hint === null ? '' : ` ${this.context.localise(oneLine(task.hint))}`;
      this.print([line('warn', `· ${task.status}: ${oneLine(task.reasonText ?? '')}${next}`)]);
    } else {
      this.statusLine.draw();
    }
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
      repositoryName(task.repository),
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

  private aside(text: string): void {
    this.statusLine.around(() => this.context.output.note(this.context.output.noteColor.yellow(text)));
  }

  private statusText(): string | undefined {
    const task = this.latest;
    if (task === undefined || isFinal(task.status)) return undefined;
    const since = task.currentRun.startedAt ?? task.currentRun.createdAt;
    const call = this.renderer.current;
    const parts = [
      statusMark(task.status, uncoloured),
      shortId(task.id),
      clock(Date.now() - Date.parse(since)),
      call === undefined ? undefined : `${call.text} ${clock(Date.now() - Date.parse(call.since))}`,
      this.connectionState === 'live' ? undefined : this.connectionState,
    ];
    return parts.filter((part) => part !== undefined).join(' · ');
  }
}
