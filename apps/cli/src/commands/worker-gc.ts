import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { workerEnvironment } from '../config.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { parsePath } from '../parse/values.js';
import { runWorkerHere } from '../programs/worker-program.js';
import type { CommandModule } from './command.js';

interface Flags {
  dir?: string;
  dryRun?: boolean;
  unkept?: boolean;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--dir <dir>', 'the folder of one worker; all workers of this machine when absent', parsePath)
    .option('-n, --dry-run', 'only say what would be removed')
    .option('--unkept', 'also workspaces with work that is kept nowhere else; that work is lost')
    .addHelpText(
      'after',
      '\nA workspace goes when its run has ended and the orchestrator has its change, or when nothing was changed.' +
        '\nA mirror goes when no workspace uses it; the next run fetches the repository anew. Runs under way are left alone.',
    )
    .action((flags: Flags) => invocation.run((context) => collect(context, flags)));
};

async function collect(context: Context, flags: Flags): Promise<ExitCode> {
  const { config, output, terminal } = context;
  const dirs = flags.dir === undefined ? workerFolders(config.dataDir) : [resolve(config.cwd, flags.dir)];
  if (dirs.length === 0) {
    output.note(`No worker has worked on this machine with the folder ${config.dataDir}. Name its folder with --dir.`);
    return exitCodes.ok;
  }
  const options = [
    ...(flags.dryRun === true ? ['--dry-run'] : []),
    ...(flags.unkept === true ? ['--unkept'] : []),
    ...(output.json ? ['--json'] : []),
  ];
  let worst = 0;
  for (const dir of dirs) {
    const args = ['gc', '--dir', dir, ...options];
    const code = await runWorkerHere(args, workerEnvironment(config.environment), config.cwd, terminal.signals);
    worst = Math.max(worst, code);
  }
  return worst as ExitCode;
}

/** `up` keeps its worker in `worker`, `worker start` each in a folder of `workers`. */
export function workerFolders(dataDir: string): string[] {
  const root = join(dataDir, 'workers');
  const named = existsSync(root) ? readdirSync(root).sort() : [];
  return [join(dataDir, 'worker'), ...named.map((name) => join(root, name))].filter((dir) =>
    existsSync(join(dir, 'workspaces')),
  );
}
