import { z } from 'zod';
import { Filter } from './filter/filter.js';
import { Text, Timestamp, ViewId } from './values.js';

/** Views of one key. */
export const maxViews = 100;

const name = Text.trim().min(1).max(60);
const columns = z
  .array(z.string().regex(/^[A-Za-z][A-Za-z0-9:._/-]{0,99}$/, 'must be the name of a column'))
  .max(40)
  .refine((list) => new Set(list).size === list.length, 'must not name a column twice');
const sort = z.enum(['createdAt', '-createdAt']);

export const CreateView = z.strictObject({
  name,
  filter: Filter.default(''),
  sort: sort.default('-createdAt'),
  /** The columns that are shown, in their order; empty: those of the page. */
  columns: columns.default([]),
  /** Everybody sees it; only its owner and admins change it. */
  shared: z.boolean().default(false),
});
export type CreateView = z.input<typeof CreateView>;

/** What is not named stays. */
export const EditView = z
  .strictObject({
    name: name.optional(),
    filter: Filter.optional(),
    sort: sort.optional(),
    columns: columns.optional(),
    shared: z.boolean().optional(),
  })
  .refine((edit) => Object.keys(edit).length > 0, 'name at least one of name, filter, sort, columns, shared');
export type EditView = z.infer<typeof EditView>;

/** A list of tasks under a name. */
export const View = z.object({
  id: ViewId,
  name: z.string(),
  filter: z.string(),
  sort,
  columns: z.array(z.string()),
  shared: z.boolean(),
  /** The name of the key that it belongs to. */
  owner: z.string(),
  /** Whether that is the key of the caller. */
  mine: z.boolean(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type View = z.infer<typeof View>;
