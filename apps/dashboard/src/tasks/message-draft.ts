import { LineComment } from '@corch/contract';
import { z } from 'zod';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { readLocal, writeLocal } from '../ui/local-value.js';
import { Store } from '../ui/store.js';

/** What somebody is about to say to a task: kept in this browser until it was said. */
const MessageDraft = z.object({
  text: z.string(),
  comments: z.array(LineComment),
  /** Under which it is sent; another one as soon as something changes. */
  key: z.string(),
});
export type MessageDraft = z.infer<typeof MessageDraft>;

const drafts = new Map<string, Store<MessageDraft>>();

const placeOf = (taskId: string) => `corch.message.${taskId}`;

function emptyDraft(): MessageDraft {
  return { text: '', comments: [], key: newIdempotencyKey() };
}

/** The draft of a task, the same for everything on the page. */
export function draftOf(taskId: string): Store<MessageDraft> {
  const known = drafts.get(taskId);
  if (known !== undefined) return known;
  const draft = new Store(readDraft(taskId));
  drafts.set(taskId, draft);
  return draft;
}

/** Changes a draft and keeps it. */
export function editDraft(taskId: string, change: Partial<Pick<MessageDraft, 'text' | 'comments'>>): void {
  const draft = draftOf(taskId);
  const next = { ...draft.get(), ...change, key: newIdempotencyKey() };
  writeLocal(placeOf(taskId), isEmpty(next) ? null : JSON.stringify(next));
  draft.set(next);
}

/** Forgets what was said; what was typed since then stays. */
export function clearDraft(taskId: string, said: MessageDraft): void {
  const draft = draftOf(taskId);
  if (draft.get().key !== said.key) return;
  writeLocal(placeOf(taskId), null);
  draft.set(emptyDraft());
}

export function isEmpty({ text, comments }: Pick<MessageDraft, 'text' | 'comments'>): boolean {
  return text.trim() === '' && comments.length === 0;
}

function readDraft(taskId: string): MessageDraft {
  const kept = readLocal(placeOf(taskId));
  if (kept === null) return emptyDraft();
  try {
    return MessageDraft.parse(JSON.parse(kept));
  } catch {
    return emptyDraft();
  }
}
