import { describe, expect, it } from '@jest/globals';
import { RunSpec, type InboxItem } from '@corch/contract';
import { startMessages } from './start-messages.js';

const base = (n: number) => ({ n, id: `id-${n}`, by: 'ann', at: '2030-01-01T00:00:00Z' });
const say = (n: number): InboxItem => ({ ...base(n), kind: 'message', text: `word ${n}` });
const stop = (n: number): InboxItem => ({ ...base(n), kind: 'interrupt' });
const deny = (n: number, interrupt: boolean): InboxItem => {
  return { ...base(n), kind: 'answer', approvalId: `approval-${n}`, decision: { action: 'deny', interrupt } };
};
const goOn = 'Continue where you were interrupted.';

describe('startMessages', () => {
  it.each<[string, string, boolean, InboxItem[], number[], string[]]>([
    ['tells the prompt', 'submit', false, [], [], ['Do it']],
    ['tells what was said before it began', 'submit', false, [say(1)], [], ['Do it', 'word 1']],
    ['goes on after an interruption', 'submit', true, [], [], [goOn]],
    ['goes on, and tells what Claude has not heard', 'submit', true, [say(1), say(2)], [1], [goOn, 'word 2']],
    ['repeats nothing that Claude has heard', 'submit', true, [say(1)], [1], [goOn]],
    ['waits for words after a person stopped the turn', 'submit', true, [say(1), stop(2)], [1], []],
    ['goes on with those words alone', 'submit', true, [stop(1), say(2)], [], ['word 2']],
    [
      'goes on with those words after a denial that stopped the turn',
      'submit',
      true,
      [deny(1, true), say(2)],
      [],
      ['word 2'],
    ],
    ['goes on after a denial that stopped nothing', 'submit', true, [deny(1, false), say(2)], [], [goOn, 'word 2']],
    ['goes on until Claude has heard the denial', 'submit', true, [deny(1, true)], [], [goOn]],
    ['goes on when those words were heard', 'submit', true, [stop(1), say(2)], [2], [goOn]],
    ['answers a message to a task that had ended', 'message', true, [say(1), say(2)], [], ['word 1', 'word 2']],
    ['goes on with that answer', 'message', true, [say(1)], [1], [goOn]],
    ['goes on with a fork that was told nothing', 'fork', true, [], [], [goOn]],
    ['begins anew without the session', 'message', false, [say(1)], [1], ['Do it']],
  ])('%s', (_, trigger, hasPrompt, items, told, expected) => {
    const spec = RunSpec.parse({ prompt: 'Do it' });
    const messages = startMessages({ spec, trigger }, hasPrompt, items, new Set(told.map((n) => `id-${n}`)));
    expect(messages.map(({ text }) => text)).toEqual(expected);
  });
});
