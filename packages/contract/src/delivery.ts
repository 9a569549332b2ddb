// What happens to the work of a run besides Claude: commands before and after it, the commit, and where the change goes.
import { z } from 'zod';
import { Text } from './values.js';

/** A branch, tag or commit as `git check-ref-format` allows it; never an option. */
export const GitRef = z
  .string()
  .max(250)
  .regex(
    /^(?![-/.]|@$)(?!.*(\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|\.$|\/$))[^\s~^:?*[\\\p{Cc}]+$/u,
    'is no valid branch, tag or commit name',
  );

/** The id of a git object, in full. */
export const ObjectId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

const line = (max: number) =>
  Text.trim()
    .min(1)
    .max(max)
    .refine((text) => !/[\r\n]/.test(text), 'must be one line');

/** A command: an argument list, or one line for `/bin/sh -c`. */
export const CommandLine = z.union([
  Text.max(100_000).refine((text) => text.trim() !== '', 'must not be empty'),
  z.array(Text.max(100_000)).min(1).max(1000),
]);
export type CommandLine = z.infer<typeof CommandLine>;

const stepShape = {
  /** What it is called in the transcript; the command itself when absent. */
  name: line(100).optional(),
  command: CommandLine,
};
/** A command before Claude (setup), after it (a check), or at the very end (teardown). */
export const Step = z.union([CommandLine, z.strictObject(stepShape)]);
export type Step = z.output<typeof Step>;

/** What a step is called: its name, or its command on one line. */
export function stepName(step: Step): string {
  const { name, command } = typeof step === 'string' || Array.isArray(step) ? { name: undefined, command: step } : step;
  const text = typeof command === 'string' ? command : command.join(' ');
  return name ?? text.trim().replaceAll(/\s+/g, ' ').slice(0, 100);
}

/** The command of a step. */
export function stepCommand(step: Step): CommandLine {
  return typeof step === 'string' || Array.isArray(step) ? step : step.command;
}

const steps = z.array(Step).max(32);

/** Sends the failing output back to Claude at most so often. */
export const maxCheckRounds = 10;

/**
 * `none`: the change is kept with the run. `patch`: it is also kept as a patch for `git am`. `branch`: it is pushed. `pr`: it is
 * pushed, and a pull request is opened or updated.
 */
export const DeliveryMode = z.enum(['none', 'patch', 'branch', 'pr']);
export type DeliveryMode = z.infer<typeof DeliveryMode>;

/** How a pull request is worded. `{title}`, `{taskUrl}`, `{taskId}`, `{runId}` and `{answer}` are filled in. */
const wordingShape = {
  /** Where it shall be merged; the ref that the task started from, else the default branch. */
  base: GitRef.optional(),
  draft: z.boolean().optional(),
  title: line(250).optional(),
  body: Text.max(60_000).optional(),
};
/** What somebody asks for beside what the task says. */
export const DeliveryWording = z.strictObject(wordingShape);
export type DeliveryWording = z.output<typeof DeliveryWording>;
const deliveryShape = {
  mode: DeliveryMode.default('none'),
  /** The branch to push; the run's own when absent. */
  branch: GitRef.optional(),
  ...wordingShape,
};
export const Delivery = z.strictObject(deliveryShape);
export type Delivery = z.output<typeof Delivery>;

const commitShape = {
  /** git leaves marks out at both ends of a name, and takes none that has nothing else. */
  author: line(250)
    .regex(/^(?=[^<]*[^\s\p{Cc}.,:;"'\\<])[^<>]+ <[^<>\s]+@[^<>\s]+>$/u, 'must be `Name <mail@example.org>`')
    .optional(),
  /** Lines such as `Reviewed-by: Ada <ada@example.org>` at the end of the message. */
  trailers: z
    .array(line(500).regex(/^[A-Za-z0-9][A-Za-z0-9-]*: \S/, 'must be `Key: value`'))
    .max(32)
    .optional(),
  /** The same words as in a {@link Delivery} are filled in; the title of the task when absent. */
  message: Text.max(20_000).optional(),
};
export const CommitOptions = z.strictObject(commitShape);
export type CommitOptions = z.output<typeof CommitOptions>;

/** A path or pattern (`*`, `?`, `**`) below the workspace. */
export const ArtifactPattern = Text.min(1)
  .max(500)
  .refine(
    (path) => !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes('..'),
    'must be a path below the workspace, without `..`',
  );

/** The part of a spec that this file is about. */
export const workFields = {
  /** Run in the workspace before Claude starts. */
  setup: steps.optional(),
  /** Run after Claude; they decide whether the run succeeded. */
  checks: steps.optional(),
  /** Run at the very end, however the run ended; they decide nothing. */
  teardown: steps.optional(),
  /** How often failing checks are sent back to Claude. */
  checkRounds: z.number().int().min(0).max(maxCheckRounds).optional(),
  delivery: Delivery.optional(),
  commit: CommitOptions.optional(),
  /** Files that are kept with the run. */
  artifacts: z.array(ArtifactPattern).max(64).optional(),
};

const looseSteps = z.array(z.union([CommandLine, z.object(stepShape)]));

/** {@link workFields} as workers get them: fields that only a newer orchestrator knows are left out. */
export const looseWorkFields = {
  setup: looseSteps.optional(),
  checks: looseSteps.optional(),
  teardown: looseSteps.optional(),
  delivery: z.object(deliveryShape).optional(),
  commit: z.object(commitShape).optional(),
};

/** `.corch.yaml` of a repository. Whether and where a change is pushed is for the task to say, never for the repository. */
export const RepositoryFile = z.strictObject({
  setup: workFields.setup,
  checks: workFields.checks,
  teardown: workFields.teardown,
  checkRounds: workFields.checkRounds,
  artifacts: workFields.artifacts,
  commit: workFields.commit,
  delivery: DeliveryWording.optional(),
});
export type RepositoryFile = z.output<typeof RepositoryFile>;

/** Its name, in the root of the repository. */
export const repositoryFileName = '.corch.yaml';

export const StepKind = z.enum(['setup', 'check', 'teardown']);
export type StepKind = z.infer<typeof StepKind>;

/** How one command went. */
export const StepResult = z.object({
  kind: StepKind,
  name: z.string(),
  /** 0 for the first time; checks that were sent back to Claude run again. */
  round: z.number().int(),
  state: z.enum(['passed', 'failed']),
  /** Null when it could not be started, or was ended by a signal. */
  exitCode: z.number().int().nullable(),
  durationMs: z.number().int(),
});
export type StepResult = z.infer<typeof StepResult>;

export const PullRequest = z.object({ number: z.number().int().min(1), url: z.string().max(2000) });
export type PullRequest = z.infer<typeof PullRequest>;

/** Where a change was delivered to. */
export const Delivered = z.object({ branch: z.string(), commit: ObjectId, pullRequest: PullRequest.nullable() });
export type Delivered = z.infer<typeof Delivered>;

/** A file that a run changed. */
export const ChangedFile = z.object({
  /** As UTF-8; bytes that are none show as U+FFFD, and `pathBytes` has them. */
  path: z.string(),
  /** Base64 of the path, when it is no UTF-8. */
  pathBytes: z.string().optional(),
  status: z.enum(['added', 'deleted', 'modified', 'renamed', 'copied', 'type']),
  /** What it was called before. */
  from: z.string().optional(),
  /** Null for a binary file. */
  additions: z.number().int().nullable(),
  deletions: z.number().int().nullable(),
  binary: z.boolean(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

export const ChangedFiles = z.object({
  data: z.array(ChangedFile),
  /** How many more there are; so many are counted and not listed. */
  left: z.number().int(),
});
export type ChangedFiles = z.infer<typeof ChangedFiles>;

/** What a worker that delivers a change needs to know. */
export const DeliveryOrder = z.object({
  /** The run whose change it is. */
  sourceRunId: z.string(),
  mode: z.enum(['branch', 'pr']),
  branch: GitRef,
  baseCommit: ObjectId,
  commit: ObjectId,
  /** Commits of this task: where the branch stands at one of them, it may be moved. */
  knownCommits: z.array(ObjectId),
  /** The pull request of this task, when there is one. */
  pullRequest: PullRequest.nullable(),
  /** Claude's final answer, for the wording. */
  answer: z.string().nullable(),
  /** What was asked for when it was delivered by hand; it counts before what the task says. */
  wording: z.object(wordingShape).default({}),
});
export type DeliveryOrder = z.infer<typeof DeliveryOrder>;
