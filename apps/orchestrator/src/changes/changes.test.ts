import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NoPeers } from '../redis/peers.js';
import { Changes } from './changes.js';

describe('Changes', () => {
  let changes: Changes;
  let heard: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    changes = new Changes(new NoPeers());
    heard = [];
    changes.subscribe(({ topic, id }) => heard.push(`${topic} ${id}`));
  });
  afterEach(() => {
    changes.onModuleDestroy();
    jest.useRealTimers();
  });

  it('tells at once, and a burst at most four times a second', () => {
    for (let ms = 0; ms < 1000; ms += 10) {
      changes.changed('task', 'a');
      jest.advanceTimersByTime(10);
    }
    expect(heard.length).toBeGreaterThanOrEqual(3);
    expect(heard.length).toBeLessThanOrEqual(5);
  });

  it('tells about the last change of a burst', () => {
    changes.changed('task', 'a');
    changes.changed('task', 'a');
    expect(heard).toEqual(['task a']);
    jest.advanceTimersByTime(250);
    expect(heard).toEqual(['task a', 'task a']);
    jest.advanceTimersByTime(1000);
    expect(heard).toHaveLength(2);
  });

  it('does not hold one thing back for another', () => {
    changes.changed('task', 'a');
    changes.changed('task', 'b');
    changes.changed('worker', 'a');
    expect(heard).toEqual(['task a', 'task b', 'worker a']);
  });

  it('leaves no timer behind', () => {
    changes.changed('task', 'a');
    changes.onModuleDestroy();
    expect(jest.getTimerCount()).toBe(0);
  });
});
