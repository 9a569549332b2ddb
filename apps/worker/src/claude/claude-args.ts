// A run's options → the argument list of Claude Code. Pure. Nothing secret and no prompt goes here: arguments can be read
// by everybody on the machine, and one of them holds at most 128 kB.
import type { RunSpec } from '@corch/contract';

/** Files the run wrote for Claude Code, by absolute path. */
export interface ClaudeFiles {
  readonly settings: string;
  readonly systemPrompt: string | null;
  readonly mcpConfig: string | null;
}

/** Tools that reach other sessions of this user or outlive the run. */
const neverTools = ['ListAgents', 'SendMessage', 'CronCreate', 'ScheduleWakeup'];

/** An option cannot be handed to Claude Code. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** Linux takes no longer single argument (MAX_ARG_STRLEN, 128 kB). */
const maxArgumentBytes = 120_000;

/**
 * The arguments for `claude`. The prompt follows on standard input.
 *
 * @param resume go on with the session instead of opening it
 * @param trusted the repository's own settings, hooks, instructions and MCP servers take part
 * @throws ArgumentError when the answer schema is too large for an argument
 */
export function claudeArgs(
  spec: RunSpec,
  sessionId: string,
  resume: boolean,
  files: ClaudeFiles,
  trusted = false,
): string[] {
  const args = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  args.push('--permission-prompt-tool', 'stdio', ...policyArgs(spec));
  args.push(resume ? '--resume' : '--session-id', sessionId);
  args.push(...sourceArgs(trusted), '--settings', files.settings);
  if (files.mcpConfig !== null) args.push('--mcp-config', files.mcpConfig);
  if (files.systemPrompt !== null) args.push('--append-system-prompt-file', files.systemPrompt);
  if (spec.model !== undefined) args.push('--model', spec.model);
  if (spec.fallbackModel !== undefined) args.push('--fallback-model', spec.fallbackModel);
  if (spec.maxTurns !== undefined) args.push('--max-turns', String(spec.maxTurns));
  if (spec.budgetUsd !== undefined) args.push('--max-budget-usd', decimal(spec.budgetUsd));
  if (spec.tools !== undefined) args.push('--tools', spec.tools.join(','));
  if (spec.answerSchema !== undefined) args.push('--json-schema', schemaArgument(spec.answerSchema));
  return args;
}

/** Of a trusted repository its own settings take part, never those of the user: runs of a task are alike on every worker. */
function sourceArgs(trusted: boolean): string[] {
  return trusted ? ['--setting-sources', 'project'] : ['--strict-mcp-config', '--setting-sources', ''];
}

function policyArgs(spec: RunSpec): string[] {
  const mcpTools = Object.keys(spec.mcpServers ?? {}).map((name) => `mcp__${name}`);
  switch (spec.permissionPolicy) {
    case 'work':
      return modeArgs('acceptEdits', ['Bash', ...mcpTools], neverTools);
    case 'edit':
      return modeArgs('acceptEdits', mcpTools, [...neverTools, 'Bash']);
    case 'ask':
      return modeArgs('default', [], neverTools);
    case 'plan':
      return modeArgs('plan', [], neverTools);
  }
}

function modeArgs(mode: string, allowed: readonly string[], denied: readonly string[]): string[] {
  const allow = allowed.length === 0 ? [] : ['--allowedTools', allowed.join(',')];
  return ['--permission-mode', mode, ...allow, '--disallowedTools', denied.join(',')];
}

/** Never `1e-7`, which the program reads but a person looking at the process list does not. */
function decimal(value: number): string {
  return value.toFixed(10).replace(/\.?0+$/, '');
}

function schemaArgument(schema: object): string {
  const text = JSON.stringify(schema);
  if (Buffer.byteLength(text) > maxArgumentBytes) {
    throw new ArgumentError(
      `The answer schema is larger than ${maxArgumentBytes} bytes, more than Claude Code can be given.`,
    );
  }
  return text;
}

/** The settings every run gets. They outrank those of a repository, whose hooks and MCP servers start only when it is trusted. */
export function claudeSettings(trusted: boolean) {
  return {
    ...(trusted ? { enableAllProjectMcpServers: true } : { disableAllHooks: true }),
    crossSessionInbound: 'refuse',
  };
}

/** Words for Claude. The session keeps the id with them, so that it shows later whether they arrived. */
export function userMessage(text: string, id: string): string {
  return line({ type: 'user', message: { role: 'user', content: text }, parent_tool_use_id: null, uuid: id });
}

/** Ends the current turn; a result line follows. */
export function interruptRequest(): string {
  return line({ type: 'control_request', request_id: 'interrupt', request: { subtype: 'interrupt' } });
}

/** Refuses one tool call; the turn goes on. */
export function denyResponse(requestId: string, message: string): string {
  return permissionResponse(requestId, { behavior: 'deny', message });
}

/** Answers what Claude Code asked with the given response. */
export function permissionResponse(requestId: string, response: object): string {
  return line({ type: 'control_response', response: { subtype: 'success', request_id: requestId, response } });
}

function line(message: object): string {
  return JSON.stringify(message) + '\n';
}
