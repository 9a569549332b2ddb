/** What is remembered of a request. Keys and contents are not. */
export interface LoggedRequest {
  method: string;
  path: string;
  model: string | null;
  nMessages: number | null;
  /** The script that answered; `aux` for titles and probes; null for other paths. */
  script: string | null;
  step: number | null;
  sessionId: string | null;
  /** ISO 8601. */
  at: string;
}

/** Remembered requests; the oldest go first. */
export const maxLoggedRequests = 1000;

/** Adds to the log and keeps it bounded. */
export function remember(log: LoggedRequest[], request: LoggedRequest): void {
  log.push(request);
  if (log.length > maxLoggedRequests) log.splice(0, log.length - maxLoggedRequests);
}
