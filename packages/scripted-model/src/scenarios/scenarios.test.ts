import { describe, expect, it } from '@jest/globals';
import { buildMessage, messageEvents } from '../message-stream.js';
import { sampleRepository } from '../sample-repository.js';
import { Scenario } from '../scenario.js';
import { demoScripts } from './demo.js';
import { testScripts } from './test.js';

describe('shipped scenarios', () => {
  const all = [...Object.entries(demoScripts), ...Object.entries(testScripts)];

  it.each(all)('%s is valid, filed under its name and described in one line', (name, scenario) => {
    expect(Scenario.parse(scenario)).toEqual(scenario);
    expect(scenario.name).toBe(name);
    expect(scenario.description).not.toMatch(/\n/);
  });

  it('have names of their own', () => {
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
  });

  it('slow streams for about a minute', () => {
    const ms = (demoScripts['slow']?.steps ?? []).reduce((sum, step) => {
      const events = [...messageEvents(buildMessage(step, { model: 'm', characters: 0 }), step)];
      return sum + events.length * (step.chunkMs ?? 0);
    }, 0);
    expect(ms).toBeGreaterThan(50_000);
    expect(ms).toBeLessThan(70_000);
  });

  it('never wait more than a moment elsewhere', () => {
    for (const { name, steps } of Object.values(demoScripts)) {
      if (name !== 'slow') for (const step of steps) expect(step.chunkMs ?? 0).toBeLessThanOrEqual(20);
    }
  });

  it('the sample prompt picks a shipped scenario', () => {
    const name = /\[\[scenario:([\w.-]+)\]\]$/.exec(sampleRepository.prompt)?.[1] ?? '';
    expect(Object.keys(demoScripts)).toContain(name);
  });
});
