import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerStep, sendError, sendJson } from './answer-step.js';
import { chooseStep } from './choose-step.js';
import { FailureCounters } from './failure-counters.js';
import { fillPlaceholders, promptLine } from './fill-placeholders.js';
import { isConversation, MessagesRequest } from './messages-request.js';
import { type LoggedRequest, remember } from './request-log.js';
import { type Script, Scripts, type Step } from './scenario.js';
import { defaultScenario } from './scenarios/default.js';
import { demoScripts } from './scenarios/demo.js';
import { workingDirectoryOf } from './working-directory.js';

/** Options of {@link startScriptedModel}. */
export interface ScriptedModelOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** `demoScripts` when absent. A missing `default` is the shipped one. */
  scripts?: Record<string, Script>;
}

/** A running scripted Messages API. */
export interface ScriptedModel {
  /** `http://127.0.0.1:PORT`, the value for `ANTHROPIC_BASE_URL`. */
  url: string;
  /** The last 1,000 requests, oldest first; filled as they come. */
  requests: readonly LoggedRequest[];
  /** Replaces all scripts and forgets every failure counter. Throws a `ZodError` that names what is wrong. */
  setScripts: (scripts: Record<string, Script>) => void;
  /** Cuts every connection and frees the port. */
  close: () => Promise<void>;
}

/** Claude Code refuses prompts above 10 MB itself; a long conversation is larger. */
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Starts a Messages API on 127.0.0.1 that answers from scripts. It asks for no key and reaches no network.
 *
 * Rejects with the system's error when the port is taken, and with a `ZodError` when a script is wrong.
 */
export async function startScriptedModel(options: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  let scripts = Scripts.parse(options.scripts ?? demoScripts);
  const counters = new FailureCounters();
  const requests: LoggedRequest[] = [];

  const chooseAnswer = (request: MessagesRequest, logged: LoggedRequest): Step => {
    logged.model = request.model;
    logged.nMessages = request.messages.length;
    if (!isConversation(request)) {
      logged.script = 'aux';
      // Titles are asked for with a JSON schema that has one field of this name.
      return { text: request.output_config?.format ? '{"title":"Scripted answer"}' : 'Scripted answer' };
    }
    const choice = chooseStep(request.messages, {
      scripts,
      fallback: scripts['default'] ?? defaultScenario,
      sessionId: logged.sessionId,
      timesFailed: (counter) => counters.get(counter),
    });
    if (choice.counter !== null) counters.add(choice.counter);
    logged.script = choice.script;
    logged.step = choice.step;
    const facts = { cwd: workingDirectoryOf(request), prompt: promptLine(choice.prompt), now: Date.now() };
    return fillPlaceholders(choice.answer, facts);
  };

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = new URL(req.url ?? '/', 'http://127.0.0.1').pathname;
    const logged = logEntry(req, path);
    remember(requests, logged);
    const body = await readBody(req);
    if (body === null) return sendError(res, 413);
    const route = `${req.method} ${path}`;
    if (route === 'POST /v1/messages/count_tokens')
      return sendJson(res, 200, { input_tokens: Math.ceil(body.length / 4) });
    if (route === 'GET /v1/models')
      return sendJson(res, 200, { data: [], has_more: false, first_id: null, last_id: null });
    if (route === 'HEAD /' || route === 'GET /') return void res.writeHead(200).end();
    if (route !== 'POST /v1/messages') {
      return sendError(res, 404, `The scripted model has no ${route}. It answers POST /v1/messages.`);
    }
    const request = MessagesRequest.safeParse(parseJson(body));
    if (!request.success) {
      const issue = request.error.issues[0];
      return sendError(res, 400, `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not a Messages request'}`);
    }
    await answerStep(res, chooseAnswer(request.data, logged), request.data, body.length);
  };

  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      if (res.headersSent || req.destroyed) res.destroy();
      else sendError(res, 500, `The scripted model failed: ${String(error)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    setScripts: (next) => {
      scripts = Scripts.parse(next);
      counters.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function logEntry(req: IncomingMessage, path: string): LoggedRequest {
  const session = req.headers['x-claude-code-session-id'];
  return {
    method: req.method ?? '',
    path,
    model: null,
    nMessages: null,
    script: null,
    step: null,
    sessionId: typeof session === 'string' ? session : null,
    at: new Date().toISOString(),
  };
}

/** The body as text; null when it is too large. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= maxBodyBytes) parts.push(part);
  }
  return bytes > maxBodyBytes ? null : Buffer.concat(parts).toString('utf8');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
