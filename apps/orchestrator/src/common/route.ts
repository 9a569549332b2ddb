// One decorator turns a row of the contract's route table into a served and documented route.
import { applyDecorators, createParamDecorator, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { routes, type Access, type Route as Row, type RouteName } from '@corch/contract';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import { parseInput } from './input.js';

export type { InputOf } from './input.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The row that this route was made from; absent on the dashboard, the API documentation and unknown routes. */
    row?: Row;
    routeName?: RouteName;
    /** Who may use a route that has no row; absent: everybody. */
    access?: Access;
  }
  interface FastifyRequest {
    /** Set before the body is read, on every route that is not public. */
    caller?: Caller;
    /** Asks again whether the caller may still use the route, for answers that last. Never rejects. */
    isStillAllowed?: () => Promise<boolean>;
  }
}

const names = new Map<Row, RouteName>((Object.entries(routes) as [RouteName, Row][]).map(([name, row]) => [row, name]));

/** The name of a row in the table; also its operationId. */
export function routeName(row: Row): RouteName {
  const name = names.get(row);
  if (name === undefined) throw new TypeError(`${row.method} ${row.path} is no row of the route table`);
  return name;
}

/** A method that serves a row, for whoever documents it. */
export interface ServedRoute {
  /** The prototype of the controller. */
  readonly controller: object;
  readonly method: string | symbol;
  readonly row: Row;
}
const served: ServedRoute[] = [];
/** Every use of {@link Route} so far. */
export const servedRoutes: readonly ServedRoute[] = served;

/**
 * Serves a row of the table: method, path, status, access, body limit and documentation come from it. Controllers are
 * `@Controller()` without a prefix; the returned value is the JSON body. Rows that answer with `bytes` or `sse` take `@Res()`.
 */
export function Route(row: Row): MethodDecorator {
  const name = routeName(row);
  return applyDecorators(
    RequestMapping({ path: row.path, method: RequestMethod[row.method] }),
    HttpCode(row.status),
    RouteConfig({ row, routeName: name }),
    (controller: object, method: string | symbol) => void served.push({ controller, method, row }),
  );
}

/** The parsed request, `InputOf<typeof routes.x>`. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { row } = request.routeOptions.config;
  if (row === undefined) throw new TypeError('@Input() needs @Route()');
  return parseInput(row, request);
});

/** The names of the fields that the body holds itself; in the parsed one defaults stand beside them. */
export const Given = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  return Object.keys(Object(body) as object);
});

/** Who sent the request: the {@link Caller} that the route's access lets in. Not on public routes. */
export const From = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === undefined) throw new TypeError('@From() needs a route that is not public');
  return caller;
});
