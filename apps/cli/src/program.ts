import { Command, CommanderError } from 'commander';
import type { CommandModule, Invocation } from './commands/command.js';
import { readVersion, type Config } from './config.js';
import { Context, type GlobalFlags } from './context.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { capital } from './format/text.js';
import { type Output } from './output.js';
import { reportError } from './report-error.js';
import type { Terminal } from './terminal.js';

interface Entry {
  readonly summary: string;
  readonly load?: () => Promise<CommandModule>;
  readonly commands?: Readonly<Record<string, Entry>>;
}

/** Every command. A file is loaded only when its command is called, so that each starts fast. */
const entries: Readonly<Record<string, Entry>> = {
  up: { summary: 'start orchestrator, dashboard and a worker here', load: () => import('./commands/up.js') },
  open: { summary: 'open the dashboard, signed in', load: () => import('./commands/open.js') },
  run: { summary: 'submit a task: a prompt, or a command behind --', load: () => import('./commands/run.js') },
  ls: { summary: 'list tasks', load: () => import('./commands/ls.js') },
  show: { summary: 'everything about one task', load: () => import('./commands/show.js') },
  watch: { summary: 'follow a task live', load: () => import('./commands/watch.js') },
  logs: { summary: 'the stored transcript of a task', load: () => import('./commands/logs.js') },
  diff: { summary: 'the change that a task made', load: () => import('./commands/diff.js') },
  checkout: {
    summary: 'take the change of a task into your repository, as a branch',
    load: () => import('./commands/checkout.js'),
  },
  pr: { summary: 'open or show the pull request of a task', load: () => import('./commands/pr.js') },
  artifact: {
    summary: 'the files that a task kept',
    commands: {
      ls: { summary: 'list them', load: () => import('./commands/artifact-ls.js') },
      get: { summary: 'take them into a folder', load: () => import('./commands/artifact-get.js') },
    },
  },
  send: { summary: 'say something to a task', load: () => import('./commands/send.js') },
  interrupt: { summary: 'stop the turn of a task, not the task', load: () => import('./commands/interrupt.js') },
  fork: { summary: 'open a new task from the session of another', load: () => import('./commands/fork.js') },
  inbox: { summary: 'what waits for a decision of yours', load: () => import('./commands/inbox.js') },
  approve: { summary: 'allow what a task asks for', load: () => import('./commands/approve.js') },
  deny: { summary: 'deny what a task asks for, and say why', load: () => import('./commands/deny.js') },
  answer: { summary: 'answer what a task asks', load: () => import('./commands/answer.js') },
  cancel: { summary: 'cancel tasks', load: () => import('./commands/cancel.js') },
  retry: { summary: 'run a finished task again', load: () => import('./commands/retry.js') },
  why: { summary: 'why a task stands where it stands', load: () => import('./commands/task-why.js') },
  rm: { summary: 'delete finished tasks', load: () => import('./commands/rm.js') },
  task: {
    summary: 'list, explain and act on tasks',
    commands: {
      ls: { summary: 'list tasks', load: () => import('./commands/ls.js') },
      set: { summary: 'change title, priority or labels', load: () => import('./commands/task-set.js') },
      cancel: { summary: 'cancel tasks', load: () => import('./commands/cancel.js') },
      retry: { summary: 'run finished tasks again', load: () => import('./commands/retry.js') },
      export: { summary: 'tasks as CSV or JSON lines', load: () => import('./commands/task-export.js') },
      bulk: { summary: 'actions on many tasks: list, show and stop', load: () => import('./commands/task-bulk.js') },
      why: { summary: 'why a task stands where it stands', load: () => import('./commands/task-why.js') },
      release: {
        summary: 'take a running task from its worker and put it back in line',
        load: () => import('./commands/task-release.js'),
      },
    },
  },
  stats: { summary: 'how tasks went: throughput, waits, est. cost', load: () => import('./commands/stats.js') },
  view: {
    summary: 'saved views of the list of tasks',
    commands: {
      ls: { summary: 'list them', load: () => import('./commands/view-ls.js') },
      save: { summary: 'keep a filter under a name', load: () => import('./commands/view-save.js') },
      rm: { summary: 'delete one', load: () => import('./commands/view-rm.js') },
    },
  },
  worker: {
    summary: 'add, list, drain, pause and remove workers',
    commands: {
      enrol: {
        summary: 'make the line that adds a worker on another machine',
        load: () => import('./commands/worker-enrol.js'),
      },
      start: { summary: 'start a worker on this machine', load: () => import('./commands/worker-start.js') },
      gc: {
        summary: 'make room: remove workspaces and mirrors of workers on this machine',
        load: () => import('./commands/worker-gc.js'),
      },
      ls: { summary: 'list the workers', load: () => import('./commands/worker-ls.js') },
      drain: {
        summary: 'let a worker take nothing new, and hand back what still runs after a while',
        load: () => import('./commands/worker-drain.js'),
      },
      pause: {
        summary: 'let a worker take nothing new; what it runs goes on',
        load: () => import('./commands/worker-pause.js'),
      },
      resume: {
        summary: 'end a pause or drain, and try a login again that was on hold',
        load: () => import('./commands/worker-resume.js'),
      },
      rm: {
        summary: 'remove a worker; what it runs goes on elsewhere',
        load: () => import('./commands/worker-rm.js'),
      },
    },
  },
  enrolment: {
    summary: 'the permissions to add a worker that are open',
    commands: {
      ls: { summary: 'list those that can still be used', load: () => import('./commands/enrolment-ls.js') },
      revoke: { summary: 'revoke them before they are used', load: () => import('./commands/enrolment-revoke.js') },
    },
  },
  repo: {
    summary: 'register repositories, with defaults and trust',
    commands: {
      add: { summary: 'register a repository under a name', load: () => import('./commands/repo-add.js') },
      ls: { summary: 'list the registered repositories', load: () => import('./commands/repo-ls.js') },
      show: { summary: 'everything about one repository', load: () => import('./commands/repo-show.js') },
      set: { summary: 'change address, secrets or defaults', load: () => import('./commands/repo-set.js') },
      trust: {
        summary: 'let the settings and hooks that it brings take part',
        load: () => import('./commands/repo-trust.js'),
      },
      rm: { summary: 'forget a repository and its secrets', load: () => import('./commands/repo-rm.js') },
    },
  },
  rule: {
    summary: 'decide by rules what tasks of a repository ask for',
    commands: {
      add: { summary: 'let a rule allow or deny from now on', load: () => import('./commands/rule-add.js') },
      ls: { summary: 'list the rules in their order', load: () => import('./commands/rule-ls.js') },
      show: {
        summary: 'one rule, and what it would have decided of what was asked before',
        load: () => import('./commands/rule-show.js'),
      },
      set: { summary: 'change a rule or its place', load: () => import('./commands/rule-set.js') },
      preview: {
        summary: 'what a rule would have decided, before it is added',
        load: () => import('./commands/rule-preview.js'),
      },
      rm: { summary: 'remove a rule', load: () => import('./commands/rule-rm.js') },
    },
  },
  secret: {
    summary: 'keep what private repositories are read with',
    commands: {
      set: {
        summary: 'set or replace a secret; it is never shown again',
        load: () => import('./commands/secret-set.js'),
      },
      ls: { summary: 'list secrets, without their values', load: () => import('./commands/secret-ls.js') },
      rm: { summary: 'remove a secret', load: () => import('./commands/secret-rm.js') },
    },
  },
  pool: {
    summary: 'list, limit and pause pools',
    commands: {
      ls: { summary: 'list the pools', load: () => import('./commands/pool-ls.js') },
      wanted: {
        summary: 'how many workers each pool could use now',
        load: () => import('./commands/pool-wanted.js'),
      },
      set: {
        summary: 'limit how many runs of a pool work at once, and how long workers may be away',
        load: () => import('./commands/pool-set.js'),
      },
      pause: {
        summary: 'let nothing new start in a pool; what runs goes on',
        load: () => import('./commands/pool-pause.js'),
      },
      resume: { summary: 'end the pause of a pool', load: () => import('./commands/pool-resume.js') },
    },
  },
  settings: {
    summary: 'limits and retention of the orchestrator',
    commands: {
      show: { summary: 'show the settings', load: () => import('./commands/settings-show.js') },
      set: { summary: 'change settings', load: () => import('./commands/settings-set.js') },
    },
  },
  admin: {
    summary: 'what is stored, and repairs by hand',
    commands: {
      stats: {
        summary: 'sizes, what retention removes next, workers, pools and orchestrators',
        load: () => import('./commands/admin-stats.js'),
      },
      reconcile: {
        summary: 'do now what the orchestrator does every few seconds, and say what was due',
        load: () => import('./commands/admin-reconcile.js'),
      },
    },
  },
  db: {
    summary: 'back the database up, bring it back, move it to PostgreSQL',
    commands: {
      backup: {
        summary: 'write the SQLite database into a file, also while it is used',
        load: () => import('./commands/db-backup.js'),
      },
      restore: {
        summary: 'put a backup in the place of the SQLite database',
        load: () => import('./commands/db-restore.js'),
      },
      copy: {
        summary: 'copy a SQLite database into an empty PostgreSQL database',
        load: () => import('./commands/db-copy.js'),
      },
    },
  },
  key: {
    summary: 'manage API keys',
    commands: {
      create: { summary: 'create an API key; it is shown once', load: () => import('./commands/key-create.js') },
      ls: { summary: 'list the API keys', load: () => import('./commands/key-ls.js') },
      revoke: { summary: 'revoke API keys', load: () => import('./commands/key-revoke.js') },
    },
  },
  doctor: { summary: 'check this machine and the orchestrator', load: () => import('./commands/doctor.js') },
  version: { summary: 'versions of this program and of the orchestrator', load: () => import('./commands/version.js') },
};

/** Runs one command line and returns its exit code. Everything that a person should know has been said by then. */
export async function runProgram(argv: readonly string[], terminal: Terminal, config: Config): Promise<ExitCode> {
  const call = new ProgramCall(argv, terminal, config);
  try {
    await call.program.parseAsync(call.words, { from: 'user' });
    return call.exitCode;
  } catch (error) {
    return call.fail(error);
  }
}

class ProgramCall implements Invocation {
  readonly program: Command;
  /** The command line without what `run` gets behind `--`. */
  readonly words: readonly string[];
  readonly behindDashes: readonly string[] | undefined;
  exitCode: ExitCode = exitCodes.ok;
  private context: Context | undefined;

  constructor(
    argv: readonly string[],
    private readonly terminal: Terminal,
    private readonly config: Config,
  ) {
    const dashes = argv.indexOf('--');
    this.behindDashes = dashes === -1 ? undefined : argv.slice(dashes + 1);
    const before = dashes === -1 ? argv : argv.slice(0, dashes);
    // Only `run` has a use for them; every other command takes them as what they usually are, arguments.
    const words = before.includes('run') ? before : argv;
    this.words = words.length === 0 ? ['--help'] : words;
    this.program = this.build();
  }

  async run(action: Parameters<Invocation['run']>[0]): Promise<void> {
    this.context = this.makeContext();
    this.exitCode = (await action(this.context)) ?? exitCodes.ok;
  }

  fail(error: unknown): ExitCode {
    if (error instanceof CommanderError) return this.usage(error);
    const { output, flags } = this.context ?? this.makeContext();
    const destination = { settings: this.settings(), command: this.config.command };
    return reportError(error, output, destination, flags.debug === true || this.config.debug);
  }

  private usage(error: CommanderError): ExitCode {
    if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return exitCodes.ok;
    if (error.code === 'commander.help') return exitCodes.usage;
    const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
    const hint = [...more, `See \`${this.config.command} ${this.named()}--help\`.`].join(' ');
    const text = capital(message);
    this.output().failure(/[.!?]$/.test(text) ? text : `${text}.`, hint);
    return exitCodes.usage;
  }

  /** The commands that were named, as far as they exist. */
  private named(): string {
    const [first = '', second = ''] = this.words.filter((word) => !word.startsWith('-'));
    if (!Object.hasOwn(entries, first)) return '';
    const below = entries[first]?.commands ?? {};
    return Object.hasOwn(below, second) ? `${first} ${second} ` : `${first} `;
  }

  private settings() {
    try {
      return this.context?.settings;
    } catch {
      return undefined;
    }
  }

  private output(): Output {
    return this.makeContext().output;
  }

  private makeContext(): Context {
    return new Context(this.terminal, this.config, this.program.opts<GlobalFlags>());
  }

  private build(): Command {
    const program = new Command('corch')
      .description('Queue tasks for Claude Code, watch them live and keep what they change.')
      .exitOverride()
      .configureOutput({
        writeOut: (text) => this.terminal.stdout.write(text),
        writeErr: (text) => this.terminal.stderr.write(text),
        outputError: () => undefined,
        getOutHelpWidth: () => this.terminal.stdout.columns ?? 100,
      })
      .configureHelp({ showGlobalOptions: true })
      .version(readVersion(), '-V, --version', 'the version of this program')
      .option('--server <url>', 'the orchestrator to talk to (CORCH_SERVER)')
      .option('--token-file <file>', 'a file that holds the API key (CORCH_TOKEN_FILE)')
      .option('--ca-file <file>', 'certificate authorities to trust beside those of Node, PEM (CORCH_CA_FILE)')
      .option('--json', 'print one JSON document')
      .option('--no-color', 'print without colour (NO_COLOR)')
      .option('-q, --quiet', 'print no hints; of lists and new things only the ids')
      .option('-y, --yes', 'do not ask')
      .option('--debug', 'on an error, say where it comes from (CORCH_DEBUG)');
    this.add(program, entries);
    return program;
  }

  private add(parent: Command, children: Readonly<Record<string, Entry>>): void {
    const loaders = new Map<Command, () => Promise<CommandModule>>();
    for (const [name, entry] of Object.entries(children)) {
      const command = parent.command(name).description(entry.summary);
      if (entry.commands) this.add(command, entry.commands);
      if (entry.load) loaders.set(command, entry.load);
    }
    parent.hook('preSubcommand', async (_, command) => {
      const module = await loaders.get(command)?.();
      module?.define(command, this);
    });
  }
}
