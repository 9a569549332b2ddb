import { expect, it } from '@jest/globals';
import { editedInput, editedText } from './edit-input.js';

it('edits a command as a command, and keeps what belongs to it', () => {
  const input = { command: 'npm test', timeout: 5 };
  expect(editedText(input)).toEqual({ label: 'Command', text: 'npm test' });
  expect(editedInput(input, 'npm ci')).toEqual({ command: 'npm ci', timeout: 5 });
  expect(editedInput(input, ' ')).toBeNull();
});

it('edits everything else as JSON', () => {
  const input = { file_path: '/a', content: 'x' };
  expect(JSON.parse(editedText(input).text)).toEqual(input);
  expect(editedInput(input, '{"file_path":"/b"}')).toEqual({ file_path: '/b' });
  for (const wrong of ['[1]', 'null', '{', '3']) expect(editedInput(input, wrong)).toBeNull();
});
