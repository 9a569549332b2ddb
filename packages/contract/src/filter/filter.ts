import type { z } from 'zod';
import { Text } from '../values.js';
import { filterErrorText, maxFilterLength, parseFilter } from './parse-filter.js';

/** The text of a filter of tasks, see docs/filters.md: `status:failed repo:acme/* age:<7d "flaky test"`. */
export const Filter = Text.max(maxFilterLength).superRefine((text, context) => {
  for (const error of parseFilter(text).errors) {
    context.addIssue({ code: 'custom', message: `is not valid: ${filterErrorText(text, error)}` });
  }
});
export type Filter = z.infer<typeof Filter>;
