import { createServer } from 'node:net';
import { CliError } from '../cli-error.js';
import { askHealth } from '../connection/probe.js';
import { exitCodes } from '../exit-codes.js';

export const defaultPort = 4870;
/** Ports that are tried after the default. */
const more = 50;

/** The port to listen on, and the sentence about it when it is not the expected one. */
export interface ChosenPort {
  readonly port: number;
  readonly note: string | undefined;
}

/** The asked port, or the default, or the next free one after it. @throws {CliError} when the asked one cannot be had */
export async function choosePort(asked: number | undefined, host: string): Promise<ChosenPort> {
  if (asked !== undefined) {
    const problem = asked === 0 ? undefined : await portProblem(asked, host);
    if (problem === undefined) return { port: asked, note: undefined };
    throw await portError(asked, host, problem);
  }
  for (let port = defaultPort; port <= defaultPort + more; port++) {
    const problem = await portProblem(port, host);
    if (problem === undefined) {
      return { port, note: port === defaultPort ? undefined : `Port ${defaultPort} is busy; using ${port}.` };
    }
    if (problem !== 'EADDRINUSE') throw await portError(port, host, problem);
  }
  throw await portError(defaultPort, host, 'EADDRINUSE');
}

/** Why nobody can listen there, as an error code; undefined when it works. */
function portProblem(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function portError(port: number, host: string, problem: string): Promise<CliError> {
  if (problem === 'EADDRINUSE') {
    const health = await askHealth(`http://127.0.0.1:${port}`, 1000).catch(() => undefined);
    const who = health === undefined ? 'another program' : `an orchestrator (version ${health.version})`;
    return new CliError(
      exitCodes.failed,
      `Port ${port} is busy: ${who} listens there.`,
      `Choose another with --port N (0 for any free one); \`lsof -i :${port}\` names the program.`,
    );
  }
  if (problem === 'EACCES') {
    return new CliError(
      exitCodes.failed,
      `Port ${port} needs more rights than you have.`,
      'Choose one above 1023 with --port N.',
    );
  }
  return new CliError(
    exitCodes.failed,
    `Nobody can listen on ${host} port ${port} (${problem}).`,
    'Give an address of this machine with --host.',
  );
}
