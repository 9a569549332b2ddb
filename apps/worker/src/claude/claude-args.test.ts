import { RunSpec } from '@corch/contract';
import { describe, expect, it } from '@jest/globals';
import { ArgumentError, claudeArgs, claudeSettings } from './claude-args.js';

const files = { settings: '/run/settings.json', systemPrompt: null, mcpConfig: null };
const spec = (fields: object = {}) => RunSpec.parse({ prompt: 'secret words', ...fields });
const valueOf = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1];

describe('claudeArgs', () => {
  it('is the whole command line of a plain task', () => {
    expect(claudeArgs(spec(), 'id-1', false, files).join(' ')).toBe(
      '-p --input-format stream-json --output-format stream-json --verbose --permission-prompt-tool stdio ' +
        '--permission-mode acceptEdits --allowedTools Bash --disallowedTools ListAgents,SendMessage,CronCreate,ScheduleWakeup ' +
        '--session-id id-1 --strict-mcp-config --setting-sources  --settings /run/settings.json',
    );
  });

  it('lets a trusted repository bring its own settings, and still not the user', () => {
    const args = claudeArgs(spec(), 'id-1', false, files, true);
    expect(valueOf(args, '--setting-sources')).toBe('project');
    expect(args).not.toContain('--strict-mcp-config');
    expect(claudeSettings(true)).not.toHaveProperty('disableAllHooks');
    expect(claudeSettings(false)).toMatchObject({ disableAllHooks: true });
  });

  it('goes on with a session', () => {
    const args = claudeArgs(spec(), 'id-1', true, files);
    expect(valueOf(args, '--resume')).toBe('id-1');
    expect(args).not.toContain('--session-id');
  });

  it('takes every option of the task', () => {
    const all = spec({
      model: 'opus',
      fallbackModel: 'sonnet',
      maxTurns: 3,
      budgetUsd: 0.0000001,
      tools: ['Read', 'Edit'],
      answerSchema: { type: 'object' },
      systemPrompt: 'Be brief.',
      mcpServers: { docs: { command: 'x', env: { DOCS_TOKEN: 'hidden' } } },
    });
    const args = claudeArgs(all, 'id', false, {
      ...files,
      systemPrompt: '/run/system-prompt.md',
      mcpConfig: '/run/mcp.json',
    });
    const flags = {
      '--model': 'opus',
      '--fallback-model': 'sonnet',
      '--max-turns': '3',
      '--max-budget-usd': '0.0000001',
      '--tools': 'Read,Edit',
      '--json-schema': '{"type":"object"}',
      '--append-system-prompt-file': '/run/system-prompt.md',
      '--mcp-config': '/run/mcp.json',
      '--allowedTools': 'Bash,mcp__docs',
    };
    for (const [flag, value] of Object.entries(flags)) expect([flag, valueOf(args, flag)]).toEqual([flag, value]);
    // Everybody on the machine can read arguments.
    expect(args.join(' ')).not.toMatch(/secret words|Be brief|hidden/);
  });

  it('gives each policy its mode and tools', () => {
    const edit = claudeArgs(spec({ permissionPolicy: 'edit' }), 'id', false, files);
    expect(valueOf(edit, '--permission-mode')).toBe('acceptEdits');
    expect(valueOf(edit, '--disallowedTools')?.split(',')).toContain('Bash');
    expect(edit).not.toContain('--allowedTools');
    const plan = claudeArgs(spec({ permissionPolicy: 'plan', mcpServers: { docs: {} } }), 'id', false, files);
    expect(valueOf(plan, '--permission-mode')).toBe('plan');
    expect(plan).not.toContain('--allowedTools');
  });

  it('refuses a schema that no argument can hold', () => {
    const large = spec({ answerSchema: { description: 'x'.repeat(130_000) } });
    expect(() => claudeArgs(large, 'id', false, files)).toThrow(ArgumentError);
  });
});
