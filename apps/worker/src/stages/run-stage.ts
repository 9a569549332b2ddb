// How far a run has come, as its folder keeps it: a worker that was killed goes on in the stage that it was in.
//
//   setup ─► Claude or command ─► checks ─┬─► artifacts, teardown, end
//                ▲                        │
//                └── a round: what failed ◄┘
import { CommitOptions, maxCheckRounds, Outcome, RunResult, Step, StepResult } from '@corch/contract';
import { z } from 'zod';

/** Files of the workspace that are kept with the run lie here in its folder, with the same paths as below the workspace. */
export const artifactFolder = 'artifact';

/** What the task and the repository say, put together. */
export const RunPlan = z.object({
  setup: z.array(Step),
  checks: z.array(Step),
  teardown: z.array(Step),
  checkRounds: z.number().int().min(0).max(maxCheckRounds),
  artifacts: z.array(z.string()),
  commit: CommitOptions.optional(),
});
export type RunPlan = z.infer<typeof RunPlan>;

/** How Claude or the command ended, so that nobody has it done again for its checks. */
const KeptEnd = z.object({
  outcome: Outcome,
  message: z.string().nullable(),
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
  result: RunResult.nullable(),
  costUsd: z.number().nullable(),
});

/** What Claude is told of a check that failed. By its id it is found in the session, so that it is told once. */
const Feedback = z.object({ id: z.string(), text: z.string() });
export type Feedback = z.infer<typeof Feedback>;

export const RunStage = z.object({
  plan: RunPlan,
  isSetUp: z.boolean(),
  /** 0 for the first time; one more each time that a failing check was sent back. */
  round: z.number().int(),
  /** What this round began with; null in the first. */
  feedback: Feedback.nullable(),
  /** How the round before ended. */
  before: KeptEnd.nullable(),
  /** How Claude or the command ended in this round; null while it is at work. */
  ended: KeptEnd.nullable(),
  /** The steps that came to their end, in their order. */
  steps: z.array(StepResult),
});
export type RunStage = z.infer<typeof RunStage>;

/** The stage that a run begins in. */
export function firstStage(plan: RunPlan): RunStage {
  return { plan, isSetUp: plan.setup.length === 0, round: 0, feedback: null, before: null, ended: null, steps: [] };
}

/** Whether anything follows once Claude or the command has ended. */
export function hasMore({ plan }: RunStage): boolean {
  return plan.checks.length + plan.teardown.length + plan.artifacts.length > 0;
}
