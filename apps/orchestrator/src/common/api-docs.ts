// Swagger UI and the OpenAPI document. Operations come from @Route through @nestjs/swagger, schemas from the contract.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type * as SwaggerPackage from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { version } from '@corch/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sessionCookie } from '../auth/session-cookie.js';
import { AppError } from './app-error.js';
import { completeDocument } from './openapi-schemas.js';
import { routeName, servedRoutes } from './route.js';

const description = `Submit coding tasks, watch them live, take their changes.

Programs sign in with \`Authorization: Bearer corch_…\`, an API key with one of the scopes \`read\`, \`submit\` (which means running
code as the worker's user) and \`admin\`; the dashboard with a session cookie. Failures are RFC 9457 problems: act on \`code\`.
Every answer carries X-Request-Id. Clients ignore fields and enum values they do not know.`;

type Swagger = typeof SwaggerPackage;
let swagger: Promise<Swagger> | undefined;

/** @nestjs/swagger takes 23 MB and a quarter of the time to start, and most processes are never asked for their documentation. */
function loadSwagger(): Promise<Swagger> {
  swagger ??= import('@nestjs/swagger').then((loaded) => {
    for (const { controller, method, row } of servedRoutes) {
      const descriptor = Object.getOwnPropertyDescriptor(controller, method);
      if (descriptor === undefined) continue;
      loaded.ApiOperation({ operationId: routeName(row), summary: row.summary })(controller, method, descriptor);
      loaded.ApiTags(row.tag)(controller, method, descriptor);
    }
    return loaded;
  });
  return swagger;
}

/** The OpenAPI 3.1 document of everything that is served. */
export async function buildDocument(app: NestFastifyApplication): Promise<OpenAPIObject> {
  const { DocumentBuilder, SwaggerModule } = await loadSwagger();
  const bearer = { type: 'http', scheme: 'bearer', description: 'An API key, or a token of a worker or run.' } as const;
  const cookie = { type: 'apiKey', in: 'cookie', description: 'A browser session.' } as const;
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('claude-orchestrator')
    .setDescription(description)
    .setVersion(version)
    .addBearerAuth(bearer, 'bearer')
    .addCookieAuth(sessionCookie, cookie, 'cookie')
    .build();
  return completeDocument(SwaggerModule.createDocument(app, base, { autoTagControllers: false }));
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>claude-orchestrator API</title>
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
`;

// Without a validator: it would send the address of this orchestrator to somebody else.
const startScript = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#swagger-ui', deepLinking: true, tagsSorter: 'alpha', validatorUrl: null });
`;

const assets = new Set(['favicon-32x32.png', 'swagger-ui.css', 'swagger-ui-bundle.js']);

/** Serves Swagger UI at /api/docs and the document at /api/openapi.json. Needs the plugin that gives replies `sendFile`. */
export function serveApiDocs(app: NestFastifyApplication, fastify: FastifyInstance): void {
  const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  let document: Promise<string> | undefined;

  fastify.get('/api/openapi.json', async (_request, reply) => {
    document ??= buildDocument(app).then((built) => JSON.stringify(built));
    return reply
      .type('application/json; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(await document);
  });
  fastify.get('/api/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
  fastify.get('/api/docs/start.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(startScript),
  );
  fastify.get('/api/docs/:file', (request: FastifyRequest<{ Params: { file: string } }>, reply) => {
    const { file } = request.params;
    if (!assets.has(file))
      throw new AppError('route_not_found', `Nothing is served at ${request.method} /api/docs/${file}.`);
    return reply.sendFile(file, swaggerUi);
  });
}
