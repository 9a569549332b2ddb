import { describe, expect, it } from '@jest/globals';
import { mask, Redactor } from '../redact.js';
import { OutputBatcher } from './batch-output.js';

const batcher = () => new OutputBatcher('stdout', new Redactor(['top-secret-value']));
const output = (text: string) => ({ type: 'output', stream: 'stdout', text });

describe('OutputBatcher', () => {
  it('passes on whole lines, and the rest at the end', () => {
    const batch = batcher();
    expect(batch.push(Buffer.from('one\ntwo\nthr'))).toEqual([output('one\ntwo\n')]);
    expect(batch.offset).toBe(8);
    expect(batch.push(Buffer.from('ee'))).toEqual([]);
    expect(batch.flush()).toEqual([output('three')]);
    expect(batch.offset).toBe(13);
    expect(batch.flush()).toEqual([]);
  });

  it('keeps characters whole across pieces without a line break', () => {
    const batch = batcher();
    const bytes = Buffer.from('é'.repeat(70_000));
    const texts = [batch.push(bytes.subarray(0, 70_001)), batch.push(bytes.subarray(70_001)), batch.flush()];
    expect(
      texts
        .flat()
        .map((event) => ('text' in event ? event.text : ''))
        .join(''),
    ).toBe('é'.repeat(70_000));
  });

  it('redacts across pieces and replaces NUL', () => {
    const batch = batcher();
    expect(batch.push(Buffer.from('a top-sec'))).toEqual([]);
    expect(batch.push(Buffer.from('ret-value\u0000\n'))).toEqual([output(`a ${mask}\uFFFD\n`)]);
  });
});
