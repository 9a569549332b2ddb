import { z } from 'zod';
import { GitRef, looseWorkFields, workFields } from './delivery.js';
import { RepositoryUrl } from './repository-url.js';
import { byteLength, Name, Text } from './values.js';

/** 1 MB of UTF-8; Claude Code itself takes up to 10 MB on standard input (seen on 2.1.330). */
export const maxPromptBytes = 1_000_000;

/** Model aliases of Claude Code; full names start with `claude-` or carry a provider's `.`, `/`, `:` or `@`. */
const modelAliases = ['default', 'best', 'sonnet', 'opus', 'haiku', 'fable', 'opusplan', 'sonnet[1m]', 'opus[1m]'];

const Model = z
  .string()
  .max(200)
  .refine(
    (model) => modelAliases.includes(model) || /^(claude-[\w.[\]@:-]+|[\w-]+([./:@][\w.[\]-]+)+)$/.test(model),
    'names no Claude model: use sonnet, opus, haiku or a full name such as claude-sonnet-5',
  );

const remote = { url: RepositoryUrl };
const local = {
  path: Text.regex(/^(\/|[A-Za-z]:[\\/])/, 'must be an absolute path').max(4000),
  host: Name.optional(),
};
/** A repository by address, or by an absolute path on the worker's machine (`host` pins the task to it). */
export const RepositorySource = z.union([z.strictObject(remote), z.strictObject(local)]);
export type RepositorySource = z.infer<typeof RepositorySource>;

/** A repository as somebody who submits names it: by address, by path, or by the name that it is registered under. */
export const AskedRepository = z.union([RepositorySource, z.strictObject({ name: Name })]);
export type AskedRepository = z.infer<typeof AskedRepository>;

/**
 * `work`: edits and Bash. `edit`: edits, no Bash. `plan`: reads only and answers with a plan. `ask`: a person (or a rule of the
 * repository) decides about each edit and command.
 */
export const PermissionPolicy = z.enum(['work', 'edit', 'plan', 'ask']);
export type PermissionPolicy = z.infer<typeof PermissionPolicy>;

const seconds = (max: number) => z.number().int().min(1).max(max);

/** The part of a submit that the worker needs. Each run keeps its own copy, so that it explains itself later. */
export const specFields = {
  executor: z.enum(['claude', 'command']).default('claude'),
  prompt: Text.refine((prompt) => prompt.trim().length > 0, 'must not be empty')
    .refine(
      (prompt) => byteLength(prompt) <= maxPromptBytes,
      'must not be over 1 MB; put long texts into a file of the repository',
    )
    .optional(),
  /** An argument list, never a shell line. */
  command: z.array(Text.max(100_000)).min(1).max(1000).optional(),
  repository: RepositorySource.optional(),
  /** Where the work starts: a branch (also of another task, delivered or not), a tag or a commit; the default branch when absent. */
  ref: GitRef.optional(),
  model: Model.optional(),
  fallbackModel: Model.optional(),
  maxTurns: z.number().int().min(1).max(10_000).optional(),
  /** US dollars by Claude Code's own estimate; overshoots by at most one call. */
  budgetUsd: z.number().positive().max(100_000).optional(),
  permissionPolicy: PermissionPolicy.default('work'),
  /** Fail the run when a tool was denied. Otherwise denials are counted and shown. */
  failOnDenied: z.boolean().default(false),
  /** Restricts the built-in tools to these. */
  tools: z
    .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/))
    .max(64)
    .optional(),
  /** Put behind Claude Code's own system prompt. */
  systemPrompt: Text.max(100_000).optional(),
  /** MCP servers as in an `.mcp.json`, by name. */
  mcpServers: z.record(Name, z.record(z.string(), z.json())).optional(),
  /** A JSON Schema that the final answer must follow. */
  answerSchema: z.record(z.string(), z.json()).optional(),
  /** Time in `running`, all resumes together. */
  timeoutSeconds: seconds(7 * 86_400).default(7200),
  /** Time without any output. */
  idleTimeoutSeconds: seconds(86_400).default(1800),
  /** Use the scripted model instead of Claude: no login, no cost. */
  demo: z.boolean().default(false),
  ...workFields,
};

/** As workers get it: fields that only a newer orchestrator knows are left out. */
export const RunSpec = z.object({
  ...specFields,
  ...looseWorkFields,
  /** The worker looks at the address itself: one that it refuses concerns this run alone. */
  repository: z.union([z.object({ url: z.string().max(2000) }), z.object(local)]).optional(),
});
export type RunSpec = z.output<typeof RunSpec>;

/** What a run does: what its task asked for, or to deliver the change of another run. */
export const Executor = z.enum(['claude', 'command', 'deliver']);
export type Executor = z.infer<typeof Executor>;

/** The pause before the next run after a failure. */
export const Backoff = z.strictObject({
  type: z.enum(['fixed', 'exponential']).default('exponential'),
  delayMs: z.number().int().min(0).max(86_400_000).default(10_000),
  maxMs: z.number().int().min(0).max(86_400_000).default(300_000),
});
export type Backoff = z.output<typeof Backoff>;
