import { bundleBase, bundleName } from '@corch/contract';
import { chooseChange } from '../choose-change.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { resolveTaskId } from '../ids.js';
import { parseWhole } from '../parse/values.js';
import { BranchPlace, type TakenChange } from '../programs/branch-place.js';
import type { CommandModule } from './command.js';

const downloadTimeoutMs = 600_000;

interface Flags {
  branch?: string;
  run?: number;
  switch: boolean;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task or run that changed something; type it in your checkout of its repository')
    .option('-b, --branch <name>', 'how the branch is called here; as the run called it when absent')
    .option('--run <n>', 'the change of run n; the last one when absent', parseWhole(1, 10_000))
    .option('--no-switch', 'only make the branch; the files here stay as they are')
    .action((id: string, flags: Flags) => invocation.run((context) => checkout(context, id, flags)));
};

async function checkout(context: Context, id: string, flags: Flags): Promise<void> {
  const { output, config } = context;
  const place = await BranchPlace.find(config.cwd, config.environment);
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const choice = { attempt: flags.run, runId: id.startsWith('run_') ? id : undefined };
  const [task, run] = await Promise.all([
    client.readTask({ params: { taskId } }),
    chooseChange(client, taskId, choice),
  ]);
  const { commit, baseCommit } = run;
  const branch = flags.branch ?? run.branch;
  if (commit === null || baseCommit === null || branch === null) {
    throw new CliError(
      exitCodes.notFound,
      `Run ${run.attempt} of ${shortId(taskId)} kept no commit: it is not over yet, changed nothing, or its change was too large.`,
      `See what there is with \`corch show ${shortId(taskId)}\`.`,
    );
  }
  await place.demandFree(branch, flags.switch);
  const { repository, delivered } = task;
  const change: TakenChange = {
    commit,
    baseCommit: bundleBase(baseCommit, task.startsFrom),
    url: repository !== undefined && 'url' in repository ? repository.url : null,
    pushedTo: delivered?.commit === commit ? delivered.branch : null,
    readBundle: () => client.readBlob({ params: { runId: run.id, name: bundleName }, timeoutMs: downloadTimeoutMs }),
  };
  const upstream = await place.take(change);
  await place.makeBranch(branch, commit, upstream);
  if (flags.switch) await place.switchTo(branch);
  if (output.json) return output.document({ repository: place.top, branch, commit, upstream });
  if (!output.isTty) return output.row([branch, commit, place.top]);
  output.data(`${output.color.green('✓')} ${branch} at ${commit.slice(0, 12)} in ${place.top}`);
  if (!flags.switch) output.note(`Go there: git switch ${branch}`);
}
