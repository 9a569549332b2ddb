// Does what systemd does for the units of deploy/systemd, in a folder that stands for `/`: there is no systemd where tests run. A
// stand-in for systemctl writes down what it is asked for, and waits until it is done.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import type { Program } from './program.js';
import type { Stack } from './stack.js';

const run = promisify(execFile);

const systemctl = (folder: string) => `#!/bin/sh
printf '%s' "$*" > '${folder}/asked.partial' && mv '${folder}/asked.partial' '${folder}/asked'
while [ -e '${folder}/asked' ]; do sleep 0.05; done
exit "$(cat '${folder}/code')"
`;
/** `runuser -u NAME -- COMMAND`: a test has one user. */
const runuser = '#!/bin/sh\nshift 3\nexec "$@"\n';

export interface Services {
  /** Stands for `/`. */
  readonly folder: string;
  /** Puts the folders and ports of the test in the place of those that a text names. */
  readonly adapt: (text: string) => string;
  /** What every program gets beside what its unit says. */
  readonly env: Record<string, string>;
  /** Services that have no unit here, and what is done when they are asked for. */
  readonly others: Record<string, () => Promise<void>>;
}

export class ServiceManager {
  /** With `systemctl` and `runuser`. */
  readonly bin: string;
  /** What `systemctl` was asked for, in order. */
  readonly asked: string[] = [];
  /** Why the last thing was not done. */
  failure: unknown;
  private readonly running = new Map<string, Program>();
  private readonly timer: NodeJS.Timeout;
  private isBusy = false;

  constructor(
    private readonly stack: Stack,
    private readonly services: Services,
  ) {
    const { folder } = services;
    this.bin = join(folder, 'bin');
    mkdirSync(this.bin, { recursive: true });
    writeFileSync(join(this.bin, 'systemctl'), systemctl(folder), { mode: 0o755 });
    writeFileSync(join(this.bin, 'runuser'), runuser, { mode: 0o755 });
    this.timer = setInterval(() => void this.look(), 50);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const file = join(this.services.folder, 'asked');
    if (this.isBusy || !existsSync(file)) return;
    this.isBusy = true;
    const words = readFileSync(file, 'utf8');
    this.asked.push(words);
    const done = await this.do(words.split(' ')).then(
      () => true,
      (error: unknown) => {
        this.failure = error;
        return false;
      },
    );
    writeFileSync(join(this.services.folder, 'code'), done ? '0' : '1');
    rmSync(file);
    this.isBusy = false;
  }

  private async do([verb = '', ...words]: string[]): Promise<void> {
    for (const name of words.filter((word) => !word.startsWith('-'))) {
      const other = this.services.others[name];
      if (other !== undefined) await other();
      else if (verb === 'stop') await this.running.get(name)?.stop();
      // A timer has to be there; what it starts is asked for by name.
      else if (name.endsWith('.timer')) readFileSync(this.path(`/etc/systemd/system/${name}`));
      else await this.start(name);
    }
  }

  private async start(name: string): Promise<void> {
    const text = readFileSync(this.path(`/etc/systemd/system/${name}.service`), 'utf8');
    const valuesOf = (key: string) =>
      [...this.services.adapt(text).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
    for (const state of valuesOf('StateDirectory')) {
      mkdirSync(this.path(`/var/lib/${state}`), { recursive: true, mode: 0o700 });
    }
    const given = valuesOf('Environment').map((line) => parseEnv(line.replaceAll(' ', '\n')));
    const files = valuesOf('EnvironmentFile').map((file) => file.replace(/^-/, ''));
    const read = files.filter((file) => existsSync(file)).map((file) => parseEnv(readFileSync(file, 'utf8')));
    const env = Object.assign({ ...this.stack.cleanEnv, ...this.services.env }, ...given, ...read) as Env;
    const [program = '', ...args] = valuesOf('ExecStart')[0]?.split(' ') ?? [];
    if (valuesOf('Type')[0] === 'oneshot') return void (await run(program, args, { env }));

    const [cwd = '', [main = '', ...rest]] = [valuesOf('WorkingDirectory')[0], args];
    const started = this.stack.run(join(cwd, main), rest, env, { cwd });
    this.running.set(name, started);
    await started.ready();
  }

  private path(absolute: string): string {
    return join(this.services.folder, absolute);
  }
}

type Env = Record<string, string>;
