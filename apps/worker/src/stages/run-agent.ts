// The stage that the run is about: Claude Code, or the command of a task that has one.
import { CheckpointPace } from '../checkpoint-pace.js';
import { runClaude, sizeOf, type AsksPeople, type ExecutorEnd } from '../claude/run-claude.js';
import { runCommand } from '../command/run-command.js';
import { outputFiles } from '../output/output-files.js';
import { prepareClaude, settleTold } from '../prepare-claude.js';
import type { CommandEnd } from '../run-folder.js';
import type { Workspace } from '../workspace.js';
import { endedAs } from './ends.js';
import { commandProgram } from './run-program.js';
import { isContinued, type RunParts } from './run-parts.js';
import type { Feedback } from './run-stage.js';

/**
 * Runs Claude Code in the session of the run until it has ended.
 *
 * @param feedback what a round begins with
 */
export async function runClaudeStage(
  parts: RunParts,
  workspace: Workspace,
  tmpDir: string,
  feedback: Feedback | null,
): Promise<ExecutorEnd> {
  const { context, folder, spool, inbox, control, redactor, processes, runMs } = parts;
  if (context.claude.problem !== null) return endedAs('spawn_failed', context.claude.problem);
  await inbox.caughtUp(control.signal);
  control.signal.throwIfAborted();
  const start = await prepareClaude(context, folder, workspace, inbox, tmpDir, feedback);
  // Nothing is under way that could still be stopped.
  for (const { kind, n, id } of inbox.open) if (kind === 'interrupt' || start.told.has(id)) await inbox.settle(n);
  if (start.messages.length === 0 && !start.asksAgain) return endedAs('interrupted', null);
  const stdoutFrom = await countStart(parts);
  const prompts = start.messages.map(({ text, id }) => ({ type: 'prompt' as const, text, messageId: id }));
  await spool.append(redactor.deep(prompts));
  if (start.asksAgain) await parts.tell('Claude goes on where it waited for a decision.');
  const pace = new CheckpointPace(
    () => context.intervals().checkpointMs,
    (signal) => parts.checkpoints.keep(signal),
  );
  const clocks = { stdoutFrom, runMs: runMs(), onStep: () => pace.touch() };
  const { spec } = folder.run;
  const asks = spec.permissionPolicy === 'ask' ? asksPeople(parts, workspace) : null;
  const child = {
    ...start,
    isContinued: isContinued(folder.run),
    inbox,
    asks,
    spec,
    files: outputFiles(folder),
    ...clocks,
  };
  const end = await runClaude(child, spool, redactor, processes, control).finally(() => pace.stop());
  await settleTold(context, folder.run, inbox);
  return end;
}

/** Runs the command of the task until it has ended. */
export async function runCommandStage(parts: RunParts, workspace: Workspace, tmpDir: string): Promise<ExecutorEnd> {
  const { folder, spool, redactor, processes, control, runMs } = parts;
  const { spec } = folder.run;
  const command = spec.command ?? [];
  const program = await commandProgram(parts, command, { cwd: workspace.folder, tmpDir });
  if (program === null) {
    const text = `The program ${command[0] ?? ''} was not found on this worker. Install it, or name it by its path.`;
    return endedAs('spawn_failed', text);
  }
  const stdoutFrom = await countStart(parts);
  const onEnded = (commandEnd: CommandEnd) => folder.saveState({ commandEnd });
  const child = { program, spec, files: outputFiles(folder), stdoutFrom, runMs: runMs(), onEnded };
  return runCommand(child, spool, redactor, processes, control);
}

/** Waits until a child may start, and notes that it starts now, and where its stdout begins. */
async function countStart({ folder, control, untilHeld }: RunParts): Promise<number> {
  await untilHeld();
  control.signal.throwIfAborted();
  const stdoutFrom = await sizeOf(folder.file('stdout.log'));
  await folder.saveState({ starts: folder.state.starts + 1, stdoutFrom, running: true });
  return stdoutFrom;
}

function asksPeople({ context, folder, giveBack }: RunParts, { folder: cwd }: Workspace): AsksPeople {
  const { runId, epoch, runToken } = folder.run;
  const onLong = (waitedMs: number) =>
    giveBack(`Nobody has decided for ${waitText(waitedMs)}; it goes on when somebody has.`);
  return { runId, epoch, cwd, client: context.clientFor(runToken), logger: context.logger, onLong };
}

/** `10 minutes`, `1 second`. */
function waitText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [amount, unit] = seconds % 60 === 0 && seconds > 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
