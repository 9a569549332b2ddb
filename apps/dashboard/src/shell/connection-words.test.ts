import { describe, expect, it } from '@jest/globals';
import { connectionLook } from './connection-words.js';

describe('connectionLook', () => {
  it('says Live only while the stream is', () => {
    expect(connectionLook('live', true, 0, 60_000).words).toBe('Live');
    expect(connectionLook('connecting', true, 0, 60_000).words).toBe('Connecting');
  });

  it('tells a missing stream from a missing orchestrator', () => {
    expect(connectionLook('reconnecting', true, 55_000, 60_000).words).toBe('Polling');
    const away = connectionLook('reconnecting', true, 0, 72_000);
    expect(away).toMatchObject({ words: 'Reconnecting', note: 'What you see is from 1:12 ago.' });
  });

  it('knows when the browser itself is offline', () => {
    expect(connectionLook('live', false, 0, 5_000)).toMatchObject({ words: 'Offline', tone: 'bad' });
  });
});
