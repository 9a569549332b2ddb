import { describe, expect, it } from '@jest/globals';
import { goneMs, keptOutBy } from './admission-rules.js';
import type { InstanceRow } from './instance.entity.js';

const now = 1_000_000;
const other = (facts: Partial<InstanceRow> = {}): InstanceRow => ({
  id: 'instance_1',
  host: 'machine-1',
  pid: 1,
  version: '0.1.0',
  isShared: true,
  startedAt: 0,
  lastSeenAt: now - 1000,
  memoryBytes: null,
  ...facts,
});
const nobodyIsDead = () => false;

describe('keptOutBy', () => {
  it.each([
    ['nobody is there', true, [], false],
    ['without Redis nobody may be there', false, [other()], true],
    ['with Redis on both sides', true, [other(), other()], false],
    ['the other one has no Redis', true, [other(), other({ isShared: false })], true],
    ['neither has Redis', false, [other({ isShared: false })], true],
    ['the other one is gone', false, [other({ lastSeenAt: now - goneMs })], false],
    ['just before that', false, [other({ lastSeenAt: now - goneMs + 1 })], true],
  ])('%s', (_, isShared, others, isKeptOut) => {
    expect(keptOutBy(isShared, others, now, nobodyIsDead) !== undefined).toBe(isKeptOut);
  });

  it('counts nobody who is known to be dead', () => {
    expect(keptOutBy(false, [other()], now, () => true)).toBeUndefined();
  });
});
