// Turns the zod schemas of the route table into the OpenAPI document's parameters, bodies, answers and named schemas.
import type { OpenAPIObject } from '@nestjs/swagger';
import * as contract from '@corch/contract';
import { errorCodes, errorRow, routes, type ErrorCode, type Route, type RouteName } from '@corch/contract';
import { z } from 'zod';
import { AppError } from './app-error.js';
import { toProblem } from './problem.js';

type Json = Record<string, unknown>;
type Schemas = Record<string, Json>;

/** Errors that a route can answer with beside those of its row. */
const everywhere: ErrorCode[] = ['host_refused', 'rate_limited', 'internal', 'unavailable', 'storage_full'];
const signedIn: ErrorCode[] = ['unauthenticated', 'forbidden', 'origin_refused'];

/** Zod schemas that the contract exports, by name: each becomes one named schema, and the others refer to it. */
const named = new Map<z.ZodType, string>(
  Object.entries(contract).flatMap(([name, value]) => (value instanceof z.ZodType ? [[value, name] as const] : [])),
);

/** Fills in what the decorators left out. */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  const schemas: Schemas = {};
  const answers = answerSchemas(schemas);
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path as Record<string, Json>)) {
      const row: Route | undefined = routes[operation['operationId'] as RouteName];
      if (row !== undefined) Object.assign(operation, describeRoute(row, schemas, answers));
    }
  }
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...document,
    components: { ...document.components, schemas: sorted, examples: problemExamples() },
  } as OpenAPIObject;
}

function describeRoute(row: Route, schemas: Schemas, answer: (schema: z.ZodType) => Json): Json {
  return {
    parameters: [
      ...fieldsOf(row.params, 'path', schemas),
      ...fieldsOf(row.query, 'query', schemas),
      ...(row.idempotent ? [idempotencyKey] : []),
    ],
    ...(row.body === undefined ? {} : { requestBody: requestBody(row.body, schemas) }),
    responses: { [row.status]: success(row, answer), ...problems(row) },
    security: row.access === 'public' ? [] : isForPeople(row) ? [{ bearer: [] }, { cookie: [] }] : [{ bearer: [] }],
    'x-access': row.access,
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Chosen by the caller. The same request with the same key within 24 hours gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

function isForPeople({ access }: Route): boolean {
  return access === 'read' || access === 'submit' || access === 'admin';
}

function fieldsOf(schema: z.ZodType | undefined, where: 'path' | 'query', schemas: Schemas): Json[] {
  if (schema === undefined) return [];
  // As output: what comes out of `a,b,c` is the list that the parameter means.
  const { properties = {}, required = [] } = toJson(schema, 'output', schemas) as {
    properties?: Schemas;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (required.includes(name) && !('default' in property)),
    schema: property,
    ...(property['type'] === 'array' ? { style: 'form', explode: false } : {}),
  }));
}

function requestBody(body: z.ZodType | 'bytes', schemas: Schemas): Json {
  if (body === 'bytes') {
    return {
      required: true,
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    };
  }
  const name = named.get(body);
  const schema = toJson(body, 'input', schemas);
  if (name !== undefined) schemas[name] = schema;
  return { required: true, content: { 'application/json': { schema: name === undefined ? schema : reference(name) } } };
}

function success(row: Route, answer: (schema: z.ZodType) => Json): Json {
  const description = { 200: 'Done.', 201: 'Made.', 202: 'Accepted.', 204: 'Done; the answer is empty.' }[row.status];
  switch (row.response) {
    case 'empty':
      return { description };
    case 'bytes':
      return { description, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
    case 'sse':
      return { description: 'An event stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } };
    default:
      return { description, content: { 'application/json': { schema: answer(row.response) } } };
  }
}

function problems(row: Route): Json {
  const codes = new Set<ErrorCode>([...row.errors, ...(row.access === 'public' ? [] : signedIn), ...everywhere]);
  if (row.body !== undefined)
    for (const code of ['malformed_body', 'unsupported_media_type', 'payload_too_large'] as const) codes.add(code);
  return Object.fromEntries(
    [...group([...codes])]
      .sort(([a], [b]) => a - b)
      .map(([status, list]) => [
        status,
        { description: list.map((code) => errorRow(code).title).join(' · '), content: problemContent(list) },
      ]),
  );
}

function group(codes: ErrorCode[]): Map<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorRow(code);
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function problemContent(codes: ErrorCode[]): Json {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  return {
    'application/problem+json': { schema: reference('Problem'), examples: Object.fromEntries(examples) as Json },
  };
}

/** What each error looks like. */
function problemExamples(): Json {
  const examples = errorCodes.map((code) => {
    const value = toProblem(new AppError(code, errorRow(code).title), 'req_01jd4m2v7k8y3n5q9r0s1t2w3x', '/api/v1/…');
    return [code, { summary: value.title, value }];
  });
  return Object.fromEntries(examples) as Json;
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema by itself. */
function toJson(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): Json {
  return hoist(z.toJSONSchema(schema, { io, unrepresentable: 'any' }), schemas);
}

/** Describes answers: each part that the contract names goes into `schemas` once. */
function answerSchemas(schemas: Schemas): (schema: z.ZodType) => Json {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of named) registry.add(schema, { id });
  const describe = (schema: z.ZodType): Json => {
    const json = hoist(z.toJSONSchema(schema, { metadata: registry, unrepresentable: 'any', override: open }), schemas);
    const name = named.get(schema);
    if (name === undefined) return json;
    schemas[name] ??= json;
    return reference(name);
  };
  describe(contract.Problem);
  return describe;
}

/** Answers may get more fields within v1, and clients shall be fine with that. */
function open({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown } }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

/** The one schema of the contract that refers to itself; zod numbers such schemas. */
const anyJson = 'JsonValue';

/** Moves `$defs` to the named schemas of the document. */
function hoist({ $schema: _, id: __, $defs = {}, ...json }: Json & { $defs?: Schemas }, schemas: Schemas): Json {
  for (const [name, { id: ___, ...part }] of Object.entries($defs)) {
    schemas[name.startsWith('__schema') ? anyJson : name] ??= rewrite(part);
  }
  return rewrite(json);
}

/** `#/$defs/Run` → `#/components/schemas/Run`. */
function rewrite(json: Json): Json {
  const text = JSON.stringify(json)
    .replaceAll(/"#\/\$defs\/__schema\d+"/g, `"#/components/schemas/${anyJson}"`)
    .replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as Json;
}
