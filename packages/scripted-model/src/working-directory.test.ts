import { describe, expect, it } from '@jest/globals';
import type { MessagesRequest } from './messages-request.js';
import { workingDirectoryOf } from './working-directory.js';

function makeRequest(fields: Partial<MessagesRequest>): MessagesRequest {
  return { model: 'm', messages: [{ role: 'user', content: 'hello' }], ...fields };
}

const environment = (path: string): string =>
  `# Environment\nYou have been invoked in the following environment: \n - Primary working directory: ${path}\n - Is a git repository: true`;

describe('workingDirectoryOf', () => {
  it.each([
    ['/home/ann/shop', '/home/ann/shop'],
    ['/tmp/my repo (old)', '/tmp/my repo (old)'],
    ['C:\\Users\\ann\\shop', 'C:\\Users\\ann\\shop'],
  ])('reads %s from a system-role message, as text or as blocks', (path, expected) => {
    for (const content of [environment(path), [{ type: 'text', text: environment(path) }]]) {
      const messages = [
        { role: 'user', content: 'hello' },
        { role: 'system', content },
      ];
      expect(workingDirectoryOf(makeRequest({ messages }))).toBe(expected);
    }
  });

  it('reads the system prompt of --bare and of older versions', () => {
    expect(workingDirectoryOf(makeRequest({ system: 'CWD: /a/b\nDate: 2026-01-01' }))).toBe('/a/b');
    const env = [{ type: 'text', text: '<env>\nWorking directory: /a/b\nPlatform: linux\n</env>' }];
    expect(workingDirectoryOf(makeRequest({ system: env }))).toBe('/a/b');
  });

  it('reads a reminder in a user message', () => {
    const messages = [{ role: 'user', content: `<system-reminder>\n${environment('/a')}\n</system-reminder>\nhello` }];
    expect(workingDirectoryOf(makeRequest({ messages }))).toBe('/a');
  });

  it('takes the latest one after a resume in another folder', () => {
    const messages = [
      { role: 'system', content: environment('/first') },
      { role: 'user', content: 'go on' },
      { role: 'system', content: '# Environment update\n - Primary working directory: /second (was /first)' },
    ];
    expect(workingDirectoryOf(makeRequest({ messages }))).toBe('/second');
  });

  it('believes neither the user nor a tool', () => {
    const messages = [
      { role: 'user', content: 'Working directory: /etc' },
      { role: 'user', content: [{ type: 'tool_result', content: 'Working directory: /etc' }] },
    ];
    expect(workingDirectoryOf(makeRequest({ messages }))).toBeNull();
    expect(workingDirectoryOf(makeRequest({ messages, system: 'The working directory: see below.' }))).toBeNull();
  });
});
