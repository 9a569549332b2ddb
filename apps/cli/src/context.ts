import type { Client, Transport } from '@corch/contract/client';
import { readVersion, type Config } from './config.js';
import { readSettings, type ServerFlags, type Settings } from './connection/settings.js';
import { oneLine } from './format/text.js';
import { withLocalTimes } from './format/time.js';
import { Output } from './output.js';
import type { Terminal } from './terminal.js';

/** The flags that every command takes. */
export interface GlobalFlags extends ServerFlags {
  readonly json?: boolean;
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly yes?: boolean;
  readonly debug?: boolean;
}

/** What a command works with. Built lazily: a command that needs no server never loads the client. */
export class Context {
  readonly output: Output;
  private known: Settings | undefined;
  private connected: Promise<Client> | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly config: Config,
    readonly flags: GlobalFlags,
  ) {
    this.output = new Output(terminal, {
      json: flags.json === true,
      quiet: flags.quiet === true,
      color: flags.color ? config.color : 'never',
    });
  }

  get settings(): Settings {
    this.known ??= readSettings(this.config, this.flags);
    return this.known;
  }

  /** The client of the orchestrator that the settings name. */
  client(): Promise<Client> {
    this.connected ??= this.connect(this.settings.server, this.settings.token);
    return this.connected;
  }

  /** The same for another orchestrator, when one is named. */
  at(server: string | undefined): Context {
    return server === undefined ? this : new Context(this.terminal, this.config, { ...this.flags, server });
  }

  /** A client of another orchestrator, or with another key. */
  async connect(server: string, token: string | undefined): Promise<Client> {
    const { createClient } = await import('@corch/contract/client');
    const transport = await this.transport(server);
    return createClient({
      baseUrl: server,
      userAgent: `corch/${readVersion()}`,
      ...(token === undefined ? {} : { token }),
      ...(transport === undefined ? {} : { transport }),
    });
  }

  /** How an orchestrator is reached when it is not simply there. */
  async transport(server = this.settings.server): Promise<Transport | undefined> {
    const { openTransport } = await import('@corch/transport');
    return openTransport({ url: server, environment: this.config.environment, caFile: this.settings.caFile });
  }

  /** Texts of the contract say `corch …`; here that may be typed in another way. */
  localise(text: string): string {
    return text.replaceAll('`corch ', `\`${this.config.command} `);
  }

  /** A sentence of the orchestrator on one line: its command lines as they are typed here, its times as a screen shows them. */
  sentence(text: string): string {
    const typed = this.localise(oneLine(text));
    return this.output.isTty ? withLocalTimes(typed, Date.now()) : typed;
  }

  /** A command line that works where this one was typed. */
  commandLine = (rest: string): string => `${this.config.command} ${rest}`;
}
