// Serves the built dashboard. Everything that is no file of it and no route of the API is a page of it: its router decides.
import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from './app-error.js';

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>claude-orchestrator</title>
<h1>The dashboard is not built</h1>
<p>The orchestrator works. Build its dashboard with <code>pnpm build</code> in the project's folder and load this page again, or see the <a href="/api/docs">API</a>.</p></html>
`;

/** Vite puts a hash of the content into the names below `assets/`, so such a file never changes. */
const hashed = /\/assets\/[^/]+-[\w-]{8,}\.\w+$/;

/** @param dir the folder with `index.html`; it may be built while this runs. */
export async function serveDashboard(fastify: FastifyInstance, dir: string): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: dir,
    serve: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      const forever = hashed.test(path.replaceAll('\\', '/'));
      response.setHeader('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  fastify.get('/*', async (request: FastifyRequest<{ Params: { '*': string } }>, reply) => {
    const name = request.params['*'];
    if (name !== 'api' && !name.startsWith('api/')) {
      if (await isFile(dir, name)) return reply.sendFile(name);
      if (wantsPage(request)) {
        if (await isFile(dir, 'index.html')) return reply.sendFile('index.html');
        return reply.status(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(notBuilt);
      }
    }
    throw new AppError('route_not_found', `Nothing is served at ${request.method} /${name}.`);
  });
}

async function isFile(dir: string, name: string): Promise<boolean> {
  const path = join(dir, name);
  if (!path.startsWith(dir + sep)) return false;
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

/** Browsers ask for pages with `Accept: text/html`; scripts that are missing must not get a page instead. */
function wantsPage(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') === true;
}
