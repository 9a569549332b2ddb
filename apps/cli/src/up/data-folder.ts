import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.js';
import { askHealth } from '../connection/probe.js';
import { exitCodes } from '../exit-codes.js';

/** The data folder of one `up`: everything that it keeps. */
export class DataFolder {
  constructor(readonly path: string) {}

  get worker(): string {
    return join(this.path, 'worker');
  }

  get sampleRepository(): string {
    return join(this.path, 'sample-repository');
  }

  get adminKeyFile(): string {
    return join(this.path, 'admin.key');
  }

  log(name: string): string {
    return join(this.path, 'logs', `${name}.log`);
  }

  /** Makes the folder, for its owner only. @throws {CliError} when it cannot be written */
  prepare(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      mkdirSync(join(this.path, 'logs'), { recursive: true, mode: 0o700 });
      writeFileSync(join(this.path, 'logs', '.write-test'), '');
      rmSync(join(this.path, 'logs', '.write-test'));
    } catch (error) {
      throw new CliError(
        exitCodes.failed,
        `The data folder ${this.path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
        'Choose another with --data DIR, or give yourself the right to write there.',
        { cause: error },
      );
    }
  }

  /** @throws {CliError} when the orchestrator of another `up` answers from this folder */
  async checkUnused(): Promise<void> {
    const url = this.runningUrl();
    const health = url === undefined ? undefined : await askHealth(url, 1000).catch(() => undefined);
    if (url !== undefined && health !== undefined) throw inUse(this.path, url);
  }

  /**
   * The token that the worker of this folder got from the orchestrator of this folder. The worker itself trusts it at the same
   * address only; here the two belong together, whichever port was free this time.
   */
  savedWorkerToken(): string | undefined {
    return readField(join(this.worker, 'worker.json'), 'token');
  }

  /** The address that an `up` on this folder wrote, if it did not clear it away. */
  runningUrl(): string | undefined {
    return readField(this.serverFile, 'url');
  }

  /** Tells other commands of this machine where the orchestrator is. Never a key: its file is named. */
  announce(url: string, configDir: string): void {
    writeJson(this.serverFile, { url, pid: process.pid });
    try {
      mkdirSync(configDir, { recursive: true, mode: 0o700 });
      writeJson(join(configDir, 'config.json'), { server: url, keyFile: this.adminKeyFile });
    } catch {
      // A home that cannot be written costs a convenience: commands outside the checkout need --server.
    }
  }

  retract(): void {
    rmSync(this.serverFile, { force: true });
  }

  private get serverFile(): string {
    return join(this.path, 'server.json');
  }
}

/** What a second `up` on the same folder is told. */
export function inUse(path: string, url: string | undefined): CliError {
  return new CliError(
    exitCodes.failed,
    `The data folder ${path} is in use by the orchestrator${url === undefined ? ' of another `corch up`' : ` at ${url}`}.`,
    'Use that one (`corch open`), stop it with Ctrl-C where it runs, or choose another folder with --data DIR.',
  );
}

function readField(path: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}
