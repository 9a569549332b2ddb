import { isFinal, type PullRequest, type TaskDetail } from '@corch/contract';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { deliveredText, shortId } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { resolveTaskId } from '../ids.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

interface Flags {
  draft?: boolean;
  base?: string;
  title?: string;
  retry?: boolean;
  open?: boolean;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a finished task that changed something')
    .option('--draft', 'open it as a draft')
    .option('-b, --base <branch>', 'where it is to be merged; where the task started when absent')
    .option('--title <text>', 'its title; that of the task when absent')
    .option('--retry', 'deliver again, as the task says: after a failure, or when the branch was moved')
    .option('--open', 'open it in the browser')
    .addHelpText('after', '\nClaude is not run again: the kept commit is pushed, and the pull request opened or found.')
    .action((id: string, flags: Flags) => invocation.run((context) => pr(context, id, flags)));
};

async function pr(context: Context, id: string, flags: Flags): Promise<ExitCode | void> {
  const { output } = context;
  const client = await context.client();
  const params = { taskId: await resolveTaskId(client, id) };
  const task = await client.readTask({ params });
  if (flags.retry !== true) demandAddress(task);
  const isUnderWay = !isFinal(task.status) && task.currentRun.executor === 'deliver';
  const { delivered } = task;
  const known = delivered?.pullRequest ?? null;
  if (known !== null) refuseWording(flags, known);
  if (delivered !== null && known !== null && flags.retry !== true && !isUnderWay) {
    if (output.json) output.document(delivered);
    else if (output.isTty) output.data(deliveredText(delivered));
    else output.row([String(known.number), known.url, delivered.branch, delivered.commit]);
    return flags.open === true ? open(context, known) : undefined;
  }
  if (!isUnderWay) await client.deliverTask({ params, body: asked(flags) });
  else output.note(`The change of ${shortId(task.id)} is being delivered already.`);
  const code = await watchTask(context, task.id, false);
  const opened = code === exitCodes.ok ? (await client.readTask({ params })).delivered?.pullRequest : undefined;
  if (flags.open === true && opened) await open(context, opened);
  return code;
}

/** @throws {CliError} for a repository by its path: it has a branch, and no server for pull requests */
function demandAddress({ id, repository }: TaskDetail): void {
  if (repository === undefined || 'url' in repository) return;
  throw new CliError(
    exitCodes.invalid,
    'The repository of this task is a folder, which has no pull requests.',
    `Take the change with \`corch checkout ${shortId(id)}\`, or push its branch there with \`corch pr ${shortId(id)} --retry\`.`,
  );
}

function asked({ draft, base, title, retry }: Flags) {
  return {
    // A retry is done as it was meant: the task may be one that only pushes.
    ...(retry !== true && { mode: 'pr' as const }),
    ...(draft !== undefined && { draft }),
    ...(base !== undefined && { base }),
    ...(title !== undefined && { title }),
  };
}

function refuseWording({ draft, base, title }: Flags, { number, url }: PullRequest): void {
  if (draft === undefined && base === undefined && title === undefined) return;
  throw new CliError(
    exitCodes.invalid,
    `The pull request #${number} is there already, so --draft, --base and --title would change nothing.`,
    `Change them there: ${url}`,
  );
}

async function open({ output, config }: Context, { url }: PullRequest): Promise<void> {
  if (!/^https?:\/\//.test(url) || !output.isTty || !config.hasDisplay) return output.note(`Open it: ${oneLine(url)}`);
  const { openBrowser } = await import('../programs/browser.js');
  if (!(await openBrowser(url))) output.note(`No browser could be opened; open it yourself: ${oneLine(url)}`);
}
