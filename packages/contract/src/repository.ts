import { z } from 'zod';
import { ApiUrl } from './api-url.js';
import { GitRef, workFields } from './delivery.js';
import { RepositoryUrl } from './repository-url.js';
import { Backoff, specFields } from './spec.js';
import { submitFields } from './task.js';
import { Name, RepositoryId, Text, Timestamp } from './values.js';

/**
 * What a task of a repository gets where it says nothing itself: a part of {@link SubmitTask}. A field that the task names
 * replaces the default as a whole.
 */
export const TaskDefaults = z
  .strictObject({
    pool: submitFields.pool.unwrap().optional(),
    requirements: submitFields.requirements.unwrap().optional(),
    labels: submitFields.labels.unwrap().optional(),
    priority: submitFields.priority.unwrap().optional(),
    retries: submitFields.retries.unwrap().optional(),
    backoff: Backoff.optional(),
    concurrencyKey: submitFields.concurrencyKey,
    concurrencyLimit: submitFields.concurrencyLimit.unwrap().optional(),
    model: specFields.model,
    fallbackModel: specFields.fallbackModel,
    maxTurns: specFields.maxTurns,
    budgetUsd: specFields.budgetUsd,
    permissionPolicy: specFields.permissionPolicy.unwrap().optional(),
    failOnDenied: specFields.failOnDenied.unwrap().optional(),
    tools: specFields.tools,
    systemPrompt: specFields.systemPrompt,
    timeoutSeconds: specFields.timeoutSeconds.unwrap().optional(),
    idleTimeoutSeconds: specFields.idleTimeoutSeconds.unwrap().optional(),
    ...workFields,
  })
  .refine((defaults) => defaults.concurrencyLimit === undefined || defaults.concurrencyKey !== undefined, {
    path: ['concurrencyLimit'],
    message: 'needs a `concurrencyKey`',
  });
export type TaskDefaults = z.infer<typeof TaskDefaults>;

/**
 * How the branches of runs are called. `{task}`: the end of the task's id; `{title}`: its title in small letters and dashes, 40 at
 * most; `{run}`: the number of the run, which is put behind further runs where the template does not name it.
 */
const BranchTemplate = Text.max(200)
  .refine((template) => template.includes('{task}'), 'must contain `{task}`, so that no two tasks share a branch')
  .refine((template) => {
    const longest = template.replaceAll('{title}', 'x'.repeat(40)).replaceAll(/\{(task|run)\}/g, 'x'.repeat(6));
    return GitRef.safeParse(longest).success && !/[{}]/.test(longest);
  }, 'must be a branch name with `{task}` and, if you like, `{title}` and `{run}` in it');

const fields = {
  url: RepositoryUrl,
  defaultBranch: GitRef.nullable(),
  trusted: z.boolean(),
  gitSecret: Name.nullable(),
  apiSecret: Name.nullable(),
  apiUrl: ApiUrl.nullable(),
  branchTemplate: BranchTemplate.nullable(),
  defaults: TaskDefaults,
};

/** Registers a repository. */
export const AddRepository = z.strictObject({
  name: Name,
  url: fields.url,
  defaultBranch: fields.defaultBranch.default(null),
  trusted: fields.trusted.default(false),
  apiUrl: fields.apiUrl.default(null),
  branchTemplate: fields.branchTemplate.default(null),
  defaults: fields.defaults.default({}),
});
export type AddRepository = z.input<typeof AddRepository>;

/** What may be changed about a repository; what is not named stays. `defaults` are replaced as a whole. */
export const EditRepository = z
  .strictObject({
    url: fields.url.optional(),
    defaultBranch: fields.defaultBranch.optional(),
    trusted: fields.trusted.optional(),
    gitSecret: fields.gitSecret.optional(),
    apiSecret: fields.apiSecret.optional(),
    apiUrl: fields.apiUrl.optional(),
    branchTemplate: fields.branchTemplate.optional(),
    defaults: fields.defaults.optional(),
  })
  .refine((edit) => Object.keys(edit).length > 0, `name at least one of ${Object.keys(fields).join(', ')}`);
export type EditRepository = z.infer<typeof EditRepository>;

/** A registered repository. */
export const Repository = z.object({
  id: RepositoryId,
  name: Name,
  url: z.string(),
  /** Where tasks start that name no ref; null: where the server's HEAD is. */
  defaultBranch: z.string().nullable(),
  /** Claude Code may take the settings, hooks and MCP servers that the repository brings. */
  trusted: z.boolean(),
  /** The name of the secret that git reads it with; null: the worker's own keys and helpers. It may have been removed since. */
  gitSecret: z.string().nullable(),
  /** The name of the secret for the REST API of its server. */
  apiSecret: z.string().nullable(),
  /** Where that API is; null: where it follows from the address, see `defaultApiUrl`. */
  apiUrl: z.string().nullable(),
  /** How the branches of runs are called; null: `corch/{task}-{title}`. */
  branchTemplate: z.string().nullable(),
  defaults: TaskDefaults,
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Repository = z.infer<typeof Repository>;
