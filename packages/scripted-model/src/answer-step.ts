import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorBody } from './error-body.js';
import { buildMessage, encodeEvent, makeId, messageEvents } from './message-stream.js';
import type { MessagesRequest } from './messages-request.js';
import type { Step } from './scenario.js';

/** Sends a JSON body. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

/** Sends an error shaped like the Messages API's. */
export function sendError(res: ServerResponse, status: number, message?: string): void {
  const requestId = makeId('req');
  sendJson(res, status, errorBody({ status, message }, requestId), { 'request-id': requestId });
}

/**
 * Answers one request with a step whose placeholders are filled. Ends early, and keeps no timer, when the client goes away.
 *
 * @param characters size of the request, for the estimate of its tokens
 */
export async function answerStep(
  res: ServerResponse,
  step: Step,
  request: MessagesRequest,
  characters: number,
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  try {
    if (step.delayMs) await sleep(step.delayMs, undefined, { signal: gone.signal });
    if (step.hang === 'headers') return;
    const requestId = makeId('req');
    const headers = { 'request-id': requestId, ...step.headers, ...step.error?.headers };
    if (step.error) return sendJson(res, step.error.status, errorBody(step.error, requestId), headers);
    const message = buildMessage(step, { model: request.model, characters });
    if (!request.stream) return sendJson(res, 200, message, headers);

    res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers });
    res.flushHeaders();
    let sent = 0;
    for (const event of messageEvents(message, step)) {
      if (step.dropAfter !== undefined && sent >= step.dropAfter) return void res.destroy();
      await written(res, encodeEvent(event));
      if (gone.signal.aborted) return;
      sent += 1;
      if (step.chunkMs) await sleep(step.chunkMs, undefined, { signal: gone.signal });
    }
    if (step.dropAfter !== undefined) return void res.destroy();
    if (step.hang !== 'stream') res.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

/** Waits until the text left this process, so that a cut loses nothing sent before and a slow reader slows the stream. */
function written(res: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    res.write(text, () => resolve()); // an error here means that the client left; the next wait notices
  });
}
