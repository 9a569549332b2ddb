import type { Client } from '@corch/contract/client';
import { readVersion, type Config } from './config.js';
import { readSettings, type ServerFlags, type Settings } from './connection/settings.js';
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

  /** A client of another orchestrator, or with another key. */
  async connect(server: string, token: string | undefined): Promise<Client> {
    const { createClient } = await import('@corch/contract/client');
    return createClient({
      baseUrl: server,
      userAgent: `corch/${readVersion()}`,
      ...(token === undefined ? {} : { token }),
    });
  }

  /** Texts of the contract say `corch …`; here that may be typed in another way. */
  localise(text: string): string {
    return text.replaceAll('`corch ', `\`${this.config.command} `);
  }

  /** A command line that works where this one was typed. */
  commandLine = (rest: string): string => `${this.config.command} ${rest}`;
}
