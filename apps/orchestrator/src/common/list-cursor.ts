// Where a page of a list ended, as a text that goes to the client and comes back: lists by time, with the id where times are equal.
import type { z } from 'zod';
import { AppError } from './app-error.js';

/** Where a page ended. */
export interface ListCursor {
  readonly sort: 'createdAt' | '-createdAt';
  readonly createdAt: number;
  readonly id: string;
}

/** A page cut out of rows of which one more was read than it may hold. */
export interface Cut<Row> {
  readonly page: Row[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

export function cutPage<Row extends { readonly createdAt: number; readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  sort: ListCursor['sort'],
): Cut<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { page, hasMore, nextCursor: hasMore ? encodeCursor({ sort, createdAt: last.createdAt, id: last.id }) : null };
}

export function encodeCursor({ sort, createdAt, id }: ListCursor): string {
  return Buffer.from(JSON.stringify([sort, createdAt, id])).toString('base64url');
}

/** Null when the text is no cursor, or one of a list in another order or of other things than those of `Id`. */
export function decodeCursor(text: string, sort: ListCursor['sort'], Id: z.ZodType<string>): ListCursor | null {
  try {
    const parts = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    if (!Array.isArray(parts)) return null;
    const [from, createdAt, id] = parts as unknown[];
    const known = Id.safeParse(id);
    if (from !== sort || typeof createdAt !== 'number' || !Number.isSafeInteger(createdAt) || !known.success)
      return null;
    return { sort, createdAt, id: known.data };
  } catch {
    return null;
  }
}

/**
 * Where a list goes on; null: at its beginning.
 * @throws AppError `unknown_parameter` when the text is no cursor of this list.
 */
export function demandCursor(
  text: string | undefined,
  sort: ListCursor['sort'],
  Id: z.ZodType<string>,
): ListCursor | null {
  if (text === undefined) return null;
  const cursor = decodeCursor(text, sort, Id);
  if (cursor !== null) return cursor;
  const message = 'is no cursor of a list in this order';
  throw new AppError('unknown_parameter', `The parameter cursor ${message}.`, {
    hint: 'Start again without a cursor.',
    errors: [{ pointer: '/cursor', code: 'custom', message }],
  });
}
