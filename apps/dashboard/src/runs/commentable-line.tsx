import { useState, type ReactNode } from 'react';
import { draftOf, editDraft } from '../tasks/message-draft.js';
import { Button } from '../ui/button.js';
import { Field, inputClass } from '../ui/field.js';
import { readLocal, writeLocal } from '../ui/local-value.js';
import { DiffLine } from './diff-lines.js';
import type { PatchLine } from './patch.js';

interface Place {
  readonly line: number;
  readonly side: 'old' | 'new';
}

interface CommentableLineProps {
  taskId: string;
  path: string;
  line: PatchLine;
  may: boolean;
  /** The line as it is drawn; with the numbers of both sides when absent. */
  children?: ReactNode;
}

/** A line of the change that somebody may remark on; the remarks go along with the next message. */
export function CommentableLine({ taskId, path, line, may, children }: CommentableLineProps) {
  const [isOpen, setOpen] = useState(false);
  const place = placeOf(line);
  const drawn = children ?? <DiffLine line={line} numbered />;
  if (!may || place === null) return drawn;
  return (
    <>
      <div className="group relative">
        {drawn}
        <button
          type="button"
          aria-label={`Comment on line ${place.line}${place.side === 'old' ? ' before the change' : ''}`}
          onClick={() => setOpen(!isOpen)}
          className="absolute top-0 left-0 h-full min-w-6 rounded bg-accent text-xs text-on-accent opacity-0 group-hover:opacity-100 focus:opacity-100"
        >
          +
        </button>
      </div>
      {isOpen && <CommentField taskId={taskId} path={path} place={place} onClose={() => setOpen(false)} />}
    </>
  );
}

interface CommentFieldProps {
  taskId: string;
  path: string;
  place: Place;
  onClose: () => void;
}

function CommentField({ taskId, path, place, onClose }: CommentFieldProps) {
  const kept = `corch.comment.${taskId}.${place.side}.${place.line}.${path}`;
  const [text, setText] = useState(() => readLocal(kept) ?? '');
  const type = (value: string) => {
    writeLocal(kept, value === '' ? null : value);
    setText(value);
  };
  const add = () => {
    editDraft(taskId, { comments: [...draftOf(taskId).get().comments, { path, ...place, text: text.trim() }] });
    type('');
    onClose();
  };
  return (
    <div className="sticky left-0 flex max-w-xl flex-col gap-2 border-y border-line bg-surface p-3 font-sans">
      <Field label={`Comment on ${path}, line ${place.line}`}>
        {(control) => (
          <textarea
            {...control}
            className={inputClass}
            rows={2}
            value={text}
            onChange={({ target }) => type(target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button look="primary" disabled={text.trim() === ''} onClick={add}>
          Add to the message
        </Button>
      </div>
    </div>
  );
}

function placeOf({ kind, before, after }: PatchLine): Place | null {
  if (kind === 'note') return null;
  if (kind === 'del') return before === null ? null : { line: before, side: 'old' };
  return after === null ? null : { line: after, side: 'new' };
}
