// What AskUserQuestion asks, and how answers to it are written.
import { z } from 'zod';

const Option = z.object({ label: z.string(), description: z.string().nullish() });
export const Question = z.object({
  question: z.string(),
  header: z.string().nullish(),
  options: z.array(Option).default([]),
  /** Several options may be chosen. */
  multiSelect: z.boolean().default(false),
});
export type Question = z.infer<typeof Question>;

/** The questions in the input of AskUserQuestion; empty when it holds none that can be read. */
export function questionsOf(input: Readonly<Record<string, unknown>>): Question[] {
  return z.array(Question).safeParse(input['questions']).data ?? [];
}

/**
 * Turns what somebody typed into an answer: `2` is the second option, `1,3` the first and the third where several may be chosen;
 * anything else is taken as it is.
 */
export function answerFrom({ options, multiSelect }: Question, typed: string): string {
  const parts = multiSelect ? typed.split(',').map((part) => part.trim()) : [typed.trim()];
  const labels = parts.map((part) => (/^\d+$/.test(part) ? options[Number(part) - 1]?.label : undefined));
  return labels.every((label) => label !== undefined) ? labels.join(', ') : typed.trim();
}
