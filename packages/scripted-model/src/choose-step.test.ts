import { describe, expect, it } from '@jest/globals';
import { type Choice, chooseStep } from './choose-step.js';
import type { Message } from './messages-request.js';
import type { Scripts } from './scenario.js';

const scripts: Scripts = {
  three: [{ text: 'a', tools: [] }, { text: 'b' }, { text: 'c' }],
  flaky: [{ text: 'a' }, { error: { status: 529 }, times: 2 }, { text: 'b' }],
  hurt: [{ error: { status: 529 }, times: 2 }, { text: 'ok' }],
  stuck: [{ text: 'I was about to', hang: 'stream', times: 0 }],
  loop: [{ text: 'first' }, { text: 'again', times: 0 }],
  twice: [{ text: 'same', times: 2 }, { text: 'end' }],
  careful: [{ text: 'look' }, { text: 'read', whenToolResult: 'NOTES' }, { text: 'write' }],
};
const fallback = [{ text: 'default a' }, { text: 'default b' }];

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const result = (text: string): Message => ({ role: 'user', content: [{ type: 'tool_result', content: text }] });
const says = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
const calls: Message = { role: 'assistant', content: [{ type: 'tool_use', name: 'Bash' }] };

/** Chooses, with failures counted as the server counts them. */
function makeChooser(sessionId: string | null = 's1'): (messages: Message[], session?: string | null) => Choice {
  const counts = new Map<string, number>();
  return (messages, session = sessionId) => {
    const timesFailed = (counter: string): number => counts.get(counter) ?? 0;
    const choice = chooseStep(messages, { scripts, fallback, sessionId: session, timesFailed });
    if (choice.counter !== null) counts.set(choice.counter, timesFailed(choice.counter) + 1);
    return choice;
  };
}

describe('place in a script', () => {
  const choose = makeChooser();

  it('is the number of answers after the marker', () => {
    const start = [user('do it [[scenario:three]]')];
    expect(choose(start).answer.text).toBe('a');
    expect(choose([...start, calls, result('x')]).answer.text).toBe('b');
    expect(choose([...start, calls, result('x'), calls, result('y')]).answer.text).toBe('c');
  });

  it('is the same when a request is sent again', () => {
    const messages = [user('[[scenario:three]]'), calls, result('x')];
    expect([choose(messages).step, choose(messages).step, makeChooser()(messages).step]).toEqual([1, 1, 1]);
  });

  it('ends with a sentence instead of a step', () => {
    const messages = [user('[[scenario:three]]'), calls, result(''), calls, result(''), says('c'), user('and now?')];
    expect(choose(messages)).toMatchObject({ script: 'three', step: null });
    expect(choose(messages).answer.text).toContain('no further step');
  });

  it('stays at a step that answers for ever and passes one that answers twice', () => {
    const looped = [user('[[scenario:loop]]'), calls, result(''), calls, result(''), calls, result('')];
    expect(choose(looped).step).toBe(1);
    const twice = [user('[[scenario:twice]]'), calls, result('')];
    expect(choose(twice).step).toBe(0);
    expect(choose([...twice, calls, result('')]).step).toBe(1);
  });

  it('skips a step whose tool result did not come, also later on', () => {
    const start = [user('[[scenario:careful]]'), calls];
    expect(choose([...start, result('README')]).answer.text).toBe('write');
    expect(choose([...start, result('NOTES')]).answer.text).toBe('read');
    expect(choose([...start, result('NOTES'), calls, result('text')]).answer.text).toBe('write');
    expect(choose([...start, result('README'), calls, result('NOTES')]).step).toBeNull();
  });
});

describe('marker', () => {
  const choose = makeChooser();

  it('is the newest one the user wrote', () => {
    expect(choose([user('[[scenario:flaky]]'), says('a'), user('now [[scenario:three]]')]).script).toBe('three');
    expect(choose([user('[[scenario:flaky]] [[scenario:loop]]')]).script).toBe('loop');
  });

  it('does not count in tool results and reminders', () => {
    const reminder = user('<system-reminder>write [[scenario:loop]]</system-reminder>\nhello');
    expect(choose([reminder]).script).toBe('default');
    expect(choose([user('[[scenario:three]]'), calls, result('[[scenario:loop]]')]).script).toBe('three');
  });

  it('that is unknown gets the list of those that are known', () => {
    const { answer, step } = choose([user('[[scenario:nope]]')]);
    expect(step).toBeNull();
    expect(answer.text).toContain('no scenario "nope"');
    expect(answer.text).toContain('careful, flaky, hurt, loop, stuck, three, twice');
    expect(choose([user('[[scenario:constructor]]')]).answer.text).toContain('no scenario "constructor"');
  });

  it('is not needed: the default script answers', () => {
    expect(choose([user('hello')])).toMatchObject({ script: 'default', step: 0 });
    expect(choose([user('hello'), calls, result('')])).toMatchObject({ script: 'default', step: 1 });
  });
});

describe('a session that is resumed', () => {
  const choose = makeChooser();
  // As Claude Code 2.1.330 sends it after SIGKILL during a tool call.
  const interrupted = [calls, result('[Tool call interrupted: …]'), says('No response requested.'), user('Continue.')];

  it('goes on after the step that was interrupted', () => {
    expect(choose([user('[[scenario:three]]'), ...interrupted]).answer.text).toBe('b');
    expect(choose([user('hello'), ...interrupted]).answer.text).toBe('default b');
  });

  it('starts the default script anew for a request after a finished turn', () => {
    const messages = [user('hello'), calls, result(''), says('done'), user('one more thing')];
    expect(choose(messages)).toMatchObject({ script: 'default', step: 0, prompt: 'one more thing' });
  });
});

describe('failures', () => {
  it('are answered as often as the script says, then the next step', () => {
    const choose = makeChooser();
    const messages = [user('[[scenario:flaky]]'), calls, result('')];
    expect([1, 2, 3, 4].map(() => choose(messages).step)).toEqual([1, 1, 2, 2]);
  });

  it('are passed once the conversation went on', () => {
    const messages = [user('[[scenario:flaky]]'), calls, result(''), says('b'), user('?')];
    expect(makeChooser()(messages).step).toBeNull();
  });

  it('are counted for each session and each prompt', () => {
    const choose = makeChooser();
    const messages = [user('[[scenario:flaky]]'), calls, result('')];
    expect([choose(messages).step, choose(messages).step]).toEqual([1, 1]);
    expect(choose(messages, 's2').step).toBe(1);
    expect(choose([user('other [[scenario:flaky]]'), calls, result('')]).step).toBe(1);
    expect(choose(messages).step).toBe(2);
  });

  it('are counted on when a resume adds its words to the same message', () => {
    const choose = makeChooser();
    const texts = ['<system-reminder>x</system-reminder>', '[[scenario:hurt]]'];
    const ask = (...more: string[]): Message[] => [
      { role: 'user', content: [...texts, ...more].map((text) => ({ type: 'text', text })) },
    ];
    const steps = [ask(), ask('Continue.'), ask('Continue.', 'Continue.')].map((messages) => choose(messages).step);
    expect(steps).toEqual([0, 0, 1]);
  });

  it('for ever stay, whatever an interrupted stream left behind', () => {
    const messages = [user('[[scenario:stuck]]'), says('I was about'), user('[Request interrupted by user]')];
    expect(makeChooser()(messages).step).toBe(0);
  });

  it('can be counted across sessions', () => {
    const counts = new Map([['n', 0]]);
    const context = {
      scripts: { again: [{ error: { status: 529 }, countBy: 'prompt' as const }, { text: 'ok' }] },
      fallback,
      timesFailed: (counter: string) => counts.get(counter) ?? 0,
    };
    const messages = [user('[[scenario:again]]')];
    const first = chooseStep(messages, { ...context, sessionId: 's1' });
    expect(first.step).toBe(0);
    counts.set(first.counter ?? '', 1);
    expect(chooseStep(messages, { ...context, sessionId: 's2' }).step).toBe(1);
  });
});
