// Swagger UI and the OpenAPI document. Operations come from @Route through @nestjs/swagger, schemas from the contract.
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { version } from '@corch/contract';
import { sessionCookie } from '../auth/session-cookie.js';
import { completeDocument } from './openapi-schemas.js';

const description = `Submit coding tasks, watch them live, take their changes.

Programs sign in with \`Authorization: Bearer corch_…\`, an API key with one of the scopes \`read\`, \`submit\` (which means running
code as the worker's user) and \`admin\`; the dashboard with a session cookie. Failures are RFC 9457 problems: act on \`code\`.
Every answer carries X-Request-Id. Clients ignore fields and enum values they do not know.`;

/** The OpenAPI 3.1 document of everything that is served. */
export function buildDocument(app: NestFastifyApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('claude-orchestrator')
    .setDescription(description)
    .setVersion(version)
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API key, or a token of a worker or run.' },
      'bearer',
    )
    .addCookieAuth(sessionCookie, { type: 'apiKey', in: 'cookie', description: 'A browser session.' }, 'cookie')
    .build();
  return completeDocument(SwaggerModule.createDocument(app, base));
}

/** Serves Swagger UI at /api/docs and the document at /api/openapi.json. It is built when somebody first looks. */
export function serveApiDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('api/docs', app, () => buildDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
    customSiteTitle: 'claude-orchestrator API',
    swaggerOptions: { tagsSorter: 'alpha', persistAuthorization: false, validatorUrl: null },
  });
}
