import { expect, it } from '@jest/globals';
import { schemaProblem } from './answer-schema.js';

it.each([
  [{ type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false }, null],
  [{}, null],
  [{ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }, null],
  [{ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'objekt' }, null],
  [{ type: 'object', madeUp: 1, properties: { at: { type: 'string', format: 'moon-phase' } } }, null],
  [{ type: 'objekt' }, '/type must be equal to one of the allowed values'],
  [{ properties: { a: { type: 'strin' } } }, '/properties/a/type must be equal to one of the allowed values'],
  [{ required: 'a', minLength: -1 }, '/required must be array; /minLength must be >= 0'],
])('the schema %j has the problem %j', (schema, problem) => {
  if (problem === null) expect(schemaProblem(schema)).toBeNull();
  else for (const part of problem.split('; ')) expect(schemaProblem(schema)).toContain(part);
});
