import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Worker } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { CliError } from '../cli-error.js';
import { askHealth } from '../connection/probe.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { ChildFailure } from '../programs/child-program.js';
import { gitVersion } from '../programs/git.js';
import { announcement, type Running } from './announce.js';
import { choosePort } from './choose-port.js';
import { DataFolder, inUse } from './data-folder.js';
import { StopRequest } from './stop-request.js';
import { allowedFolders, System, type ReadyOrchestrator } from './system.js';

/** The flags of `up`, parsed. */
export interface UpFlags {
  readonly port?: number;
  readonly host: string;
  readonly data?: string;
  readonly demo?: boolean;
  readonly open: boolean;
  readonly worker: boolean;
  readonly concurrency: number;
  readonly allow?: readonly string[];
  readonly insecureHttp?: boolean;
  readonly claudeBin?: string;
}

/** Starts everything, says how to use it, keeps it running, and stops it when asked. */
export async function runUp(context: Context, flags: UpFlags): Promise<ExitCode> {
  const { config, output, terminal } = context;
  const data = new DataFolder(flags.data === undefined ? config.dataDir : resolve(config.cwd, flags.data));
  checkExposure(flags, config.environment);
  await gitVersion(config.environment);
  data.prepare();
  await data.checkUnused();
  const again = context.commandLine(flags.data === undefined ? 'up' : `up --data ${flags.data}`);
  const { port, note } = await choosePort(flags.port, flags.host);
  if (note !== undefined) output.note(note);

  const system = new System({
    data,
    host: flags.host,
    port,
    insecureHttp: flags.insecureHttp === true,
    demo: flags.demo === true,
    concurrency: flags.concurrency,
    allow: allowedFolders(
      data,
      config.cwd,
      (flags.allow ?? []).map((path) => resolve(config.cwd, path)),
    ),
    claudeBin: flags.claudeBin === undefined ? undefined : resolve(config.cwd, flags.claudeBin),
    environment: config.environment,
    say: (text) => output.warn(text),
  });
  const stop = new StopRequest(terminal.signals, () => {
    system.kill();
    output.warn('Stopped at once. Tasks are kept.');
    terminal.quit(exitCodes.interrupted);
  });
  try {
    const over = startAndKeep(context, flags, data, system, () => stop.isRequested);
    // Whoever asked for the end does not want to read what the end broke.
    const end = await Promise.race([stop.requested.then(() => 'stopped' as const), over]);
    over.catch(() => undefined);
    if (end === 'stopped') output.warn('Stopping …');
    return end === 'given_up' ? exitCodes.failed : exitCodes.ok;
  } finally {
    await system.stop();
    data.retract();
    stop.release();
    if (stop.isRequested) output.warn(`Stopped. Tasks are kept in ${data.path}; ${again} goes on with them.`);
  }
}

async function startAndKeep(
  context: Context,
  flags: UpFlags,
  data: DataFolder,
  system: System,
  isStopping: () => boolean,
): Promise<'stopped' | 'ended' | 'given_up'> {
  const started = await told(data, () => system.start());
  const client = await context.connect(started.url, readFileSync(data.adminKeyFile, 'utf8').trim());
  data.announce(started.url, context.config.configDir);
  const isFirst = flags.worker && (await needsSample(client, data, context));
  const [worker, sampleId] = await Promise.all([
    flags.worker ? told(data, () => addWorker(system, client)) : undefined,
    isFirst ? import('./sample.js').then(({ submitSample }) => submitSample(client, data)) : undefined,
  ]);
  if (isStopping()) return 'stopped';
  await announce(context, flags, { data, started, client, worker, sampleId });
  return system.keep();
}

async function needsSample(client: Client, data: DataFolder, { config }: Context): Promise<boolean> {
  const { isEmpty } = await import('./sample.js');
  if (!(await isEmpty(client))) return false;
  const { writeSampleRepository } = await import('../programs/sample-repository.js');
  await writeSampleRepository(data.sampleRepository, config.environment);
  return true;
}

async function addWorker(system: System, client: Client): Promise<Worker | undefined> {
  await system.addWorker(client);
  const { data } = await client.listWorkers();
  // The one of this `up` is the one that registered last.
  return data.filter(({ state }) => state === 'online').sort((a, b) => b.registeredAt.localeCompare(a.registeredAt))[0];
}

interface Started {
  readonly data: DataFolder;
  readonly started: ReadyOrchestrator;
  readonly client: Client;
  readonly worker: Worker | undefined;
  readonly sampleId: string | undefined;
}

async function announce(context: Context, flags: UpFlags, parts: Started): Promise<void> {
  const { output, config } = context;
  const { data, started, client, worker, sampleId } = parts;
  const [health, signInUrl] = await Promise.all([
    askHealth(started.url, 5000).catch(() => undefined),
    started.signInUrl ?? client.createSignInLink().then(({ url }) => url),
  ]);
  const wantsBrowser = flags.open && output.isTty && config.hasDisplay && !output.json;
  const opened =
    wantsBrowser && (await import('../programs/browser.js').then(({ openBrowser }) => openBrowser(signInUrl)));
  const running: Running = {
    ...{ data, health, worker, signInUrl, opened, sampleId },
    demo: flags.demo === true,
    apiDocsUrl: started.apiDocsUrl,
  };
  if (output.json) {
    output.document({
      url: started.url,
      signInUrl,
      apiDocsUrl: started.apiDocsUrl,
      dataDir: data.path,
      worker: worker ?? null,
      sampleId: sampleId ?? null,
    });
  } else {
    output.data(announcement(running, context).join('\n'));
  }
}

/** Keys and code would cross a network in the clear: that must be asked for by name. */
function checkExposure({ host, insecureHttp }: UpFlags, environment: Context['config']['environment']): void {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  const isAllowed = insecureHttp || environment['INSECURE_HTTP'] === '1' || Boolean(environment['PUBLIC_URL']);
  if (isLoopback || isAllowed) return;
  throw new CliError(
    exitCodes.failed,
    `--host ${host} listens beyond this machine, so keys would cross the network unencrypted.`,
    `Put a proxy that does https in front and say its address (PUBLIC_URL=https://YOUR.NAME), or accept the risk with --insecure-http.`,
  );
}

/** The words of a program that did not start, for the person. */
async function told<T>(data: DataFolder, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error;
    if (error.code === 'data_in_use') throw inUse(data.path, data.runningUrl());
    throw new CliError(
      exitCodes.failed,
      error.message,
      [error.hint, error.hint === undefined ? `Its log: ${data.log('orchestrator')}` : undefined]
        .filter((part) => part !== undefined)
        .join(' '),
      { cause: error },
    );
  }
}
