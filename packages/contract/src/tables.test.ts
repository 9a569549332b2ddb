import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { allows, scopes } from './access.js';
import { errorCodes, errorRow } from './errors.js';
import { outcomeRow, outcomes } from './outcomes.js';
import { reasonRow, reasons } from './reasons.js';
import { routes, type Route } from './routes.js';
import { finalStatuses, isFinal, statuses } from './status.js';
import { version } from './version.js';

const rows: [string, Route][] = Object.entries(routes);

describe('the tables of the contract', () => {
  it.each(reasons)('reason %s explains a status and reads as a sentence', (reason) => {
    const row = reasonRow(reason);
    expect(row.of.length).toBeGreaterThan(0);
    expect(row.sentence).toMatch(/^[A-Z].*\.$/);
    if (row.of.some((status) => status === 'failed' || status === 'timed_out')) expect(row.next).toMatch(/^[A-Z].*\.$/);
  });

  it.each(outcomes)('outcome %s leads to a status that its reason explains', (outcome) => {
    const row = outcomeRow(outcome);
    expect(isFinal(row.status)).toBe(row.retry !== 'park');
    expect(row.sentence).toMatch(/^[A-Z].*\.$/);
    if (row.status === 'succeeded') expect(row.reason).toBeNull();
    else expect(row.reason !== null && reasonRow(row.reason).of).toContain(row.status);
  });

  it('stores no computed reason as an outcome', () => {
    const stored = outcomes.map((outcome) => outcomeRow(outcome).reason).filter((reason) => reason !== null);
    expect(stored.filter((reason) => reasonRow(reason).computed)).toEqual([]);
  });

  it.each(errorCodes)('error %s has an error status, a title and a next step', (code) => {
    const row = errorRow(code);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.hint).toMatch(/^[A-Z].*\.$/);
    if (row.status >= 500 || row.status === 429) expect(row.retryable).toBe(true);
  });

  it('has no two routes with one method and address', () => {
    const addresses = rows.map(([, row]) => `${row.method} ${row.path.replace(/:\w+/g, ':')}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it.each(rows)('route %s names exactly the parameters of its path', (_, row) => {
    const inPath = [...row.path.matchAll(/:(\w+)/g)].map((match) => match[1]);
    const declared = row.params === undefined ? [] : Object.keys((row.params as unknown as { shape: object }).shape);
    expect(declared.sort()).toEqual(inPath.sort());
  });

  it('has four final statuses of nine', () => {
    expect(statuses.filter(isFinal)).toEqual([...finalStatuses]);
    expect(statuses).toHaveLength(9);
  });

  it('orders the scopes', () => {
    expect(scopes.map((held) => scopes.filter((needed) => allows(held, needed)))).toEqual([
      ['admin', 'submit', 'read'],
      ['submit', 'read'],
      ['read'],
    ]);
  });

  it('has the version of every package', () => {
    const files = ['contract', 'scripted-model'].map((name) => `packages/${name}`);
    files.push(...['orchestrator', 'worker', 'cli', 'dashboard'].map((name) => `apps/${name}`));
    const versions = files.map((folder) => {
      const text = readFileSync(new URL(`../../../${folder}/package.json`, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    });
    expect(new Set(versions)).toEqual(new Set([version]));
  });
});
