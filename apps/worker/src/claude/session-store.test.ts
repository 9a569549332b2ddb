import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSession, findSessionFile, isTurnOpen, placeSession, removeSession } from './session-store.js';

let config: string;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'corch-session-'));
});
afterEach(() => rmSync(config, { recursive: true, force: true }));

function put(project: string, text: string, seconds: number): string {
  const folder = join(config, 'projects', project);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 's-1.jsonl'), text);
  utimesSync(join(folder, 's-1.jsonl'), seconds, seconds);
  return join(folder, 's-1.jsonl');
}

describe('a session', () => {
  it('is found in whatever folder it worked, the newest of several', async () => {
    expect(await findSession(config, 's-1')).toBeNull();
    put('-old', '{"type":"user"}\n', 1000);
    expect(await findSession(config, 's-1')).toMatchObject({ hasPrompt: true });
    const path = put('-new', '{"type":"summary"}\n', 2000);
    expect(await findSessionFile(config, 's-1')).toEqual({ path, size: 19, mtimeMs: 2_000_000 });
    expect(await findSession(config, 's-1')).toMatchObject({ hasPrompt: false });
    expect(await findSession(config, 's-2')).toBeNull();
  });

  it('is put where Claude Code looks, in place of what was there, for its owner alone', async () => {
    put('-old', 'old\n', 1000);
    await placeSession(config, '/srv/code/a.b_c', 's-1', 'new\n');
    const found = await findSessionFile(config, 's-1');
    expect(found?.path).toBe(join(config, 'projects', '-srv-code-a-b-c', 's-1.jsonl'));
    expect(readFileSync(found?.path ?? '', 'utf8')).toBe('new\n');
    expect(statSync(found?.path ?? '').mode & 0o777).toBe(0o600);
    await removeSession(config, 's-1');
    expect(await findSessionFile(config, 's-1')).toBeNull();
  });

  it('has no name that leads elsewhere', async () => {
    await expect(removeSession(config, '../../x')).rejects.toThrow('is none');
    await expect(placeSession(config, '/w', '../x', '')).rejects.toThrow('is none');
  });
});

describe('the last turn of a session', () => {
  const user = { type: 'user', message: { role: 'user', content: 'Go.' } };
  const assistant = (...types: string[]) => ({
    type: 'assistant',
    message: { content: types.map((type) => ({ type })) },
  });
  const notes = [{ type: 'last-prompt' }, { type: 'cost-state', text: '"type":"user"' }];
  const open = (...entries: object[]) =>
    isTurnOpen([...entries, ...notes].map((one) => JSON.stringify(one)).join('\n'));

  it.each([
    ['after a call that got no result', true, [user, assistant('text'), assistant('tool_use')]],
    ['after a result', true, [user, assistant('tool_use'), user]],
    ['after an answer', false, [user, assistant('text')]],
    ['after an answer, whatever a subagent does', false, [user, assistant('text'), { ...user, isSidechain: true }]],
    ['of an empty one', false, []],
  ])('%s: open %s', (_, expected, entries) => expect(open(...entries)).toBe(expected));

  it('is judged by whole lines', () => {
    expect(isTurnOpen(`${JSON.stringify(assistant('tool_use'))}\n{"type":"user","mess`)).toBe(true);
  });
});
