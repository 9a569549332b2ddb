// What the programs say of errors that nobody expected. As long as nothing has turned reports on, this does nothing.

/** Of a report: the sentence of the log line, its error, and what it was about. */
export interface ErrorReport {
  readonly sentence: string;
  readonly error: Error;
  readonly tags: Readonly<Record<string, string>>;
}

/** Whoever sends reports. */
export interface Reporter {
  report(report: ErrorReport): void;
}

/** Ids and short words by which a report is found; everything else of a log line stays in the log. */
const tagNames = ['requestId', 'runId', 'taskId', 'workerId', 'traceId', 'job', 'loop', 'bulkId', 'epoch'];

let reporter: Reporter | null = null;

/** From now on reports go there; null: nowhere. */
export function useReporter(next: Reporter | null): void {
  reporter = next;
}

/** Reports a log line of level `error` when it holds an error in its field `error`: all others say what is known. */
export function reportError(sentence: string, fields: Readonly<Record<string, unknown>>): void {
  const { error } = fields;
  if (reporter === null || !(error instanceof Error)) return;
  const tags = tagNames.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [];
  });
  reporter.report({ sentence, error, tags: Object.fromEntries(tags) });
}
