import { Ajv } from 'ajv';

/** The draft that Claude Code 2.1 takes; what names another one is left to it. */
const draft = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;

const ajv = new Ajv({ strict: false, allErrors: true, logger: false });

/**
 * What is wrong with a JSON Schema, as the places and what must stand there; null when nothing is known to be. Keywords and formats
 * that are unknown here are no mistake: what else Claude Code does not take stands on the run.
 */
export function schemaProblem(schema: Readonly<Record<string, unknown>>): string | null {
  const named = schema['$schema'];
  if (typeof named === 'string' && !draft.test(named)) return null;
  if (ajv.validateSchema(schema) === true) return null;
  // One mistake breaks several rules of one place; the first says it best.
  const places = new Map((ajv.errors ?? []).map((error) => [error.instancePath, error] as const).reverse());
  return [...places].map(([path, { message }]) => `${path === '' ? 'it' : path} ${message ?? 'is wrong'}`).join('; ');
}
