import { describe, expect, it } from '@jest/globals';
import { RunControl, type StopReason } from './run-control.js';

describe('RunControl', () => {
  it.each<[StopReason[], StopReason]>([
    [['fenced', 'hand_back'], 'hand_back'],
    [['hand_back', 'shutdown'], 'shutdown'],
    [['shutdown', 'hand_back'], 'shutdown'],
    [['shutdown', 'cancel'], 'cancel'],
    [['fenced', 'stale'], 'stale'],
    [['cancel', 'stale'], 'cancel'],
    [['stale', 'cancel'], 'stale'],
    [['cancel', 'shutdown'], 'cancel'],
  ])('%j is %s', (reasons, expected) => {
    const control = new RunControl();
    for (const reason of reasons) control.stop(reason);
    expect(control.reason).toBe(expected);
    expect(control.signal.aborted).toBe(true);
    expect(control.isInterrupted).toBe(expected !== 'cancel');
  });

  it('begins unstopped', () => {
    const control = new RunControl();
    expect([control.reason, control.signal.aborted, control.isInterrupted]).toEqual([null, false, false]);
  });
});
