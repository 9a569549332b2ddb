import { useState, type ReactNode } from 'react';
import { draftOf, editDraft } from '../tasks/message-draft.js';
import { Button } from '../ui/button.js';
import { copyText } from '../ui/copy.js';
import { Field, inputClass } from '../ui/field.js';
import { readLocal, writeLocal } from '../ui/local-value.js';
import { showDone } from '../ui/toast.js';
import type { FileLines } from './line-number.js';
import { extendRange, placeOf, rangeHash, rangeWords, type LineRange } from './line-range.js';
import type { PatchLine } from './patch.js';

interface CommentableLineProps {
  file: FileLines;
  line: PatchLine;
  /** Where the button to remark stands, as a class: over the sign of the line, so that its numbers can be clicked. */
  signClass: string;
  /** Not where the same line stands beside it once more. */
  may?: boolean;
  /** The line as it is drawn. */
  children: ReactNode;
}

/** A line of the change that somebody may remark on; the remarks go along with the next message. */
export function CommentableLine({ file, line, signClass, may = file.may, children }: CommentableLineProps) {
  const [isOpen, setOpen] = useState(false);
  const place = placeOf(line);
  if (!may || place === null) return children;
  return (
    <>
      <div className="group relative">
        {children}
        <button
          type="button"
          aria-label={`Comment on line ${place.line}${place.side === 'old' ? ' before the change' : ''}`}
          onClick={() => setOpen(!isOpen)}
          className={`${signClass} absolute top-0 h-full w-6 rounded bg-accent text-xs text-on-accent opacity-0 group-hover:opacity-100 focus:opacity-100`}
        >
          +
        </button>
      </div>
      {isOpen && (
        <CommentField
          file={file}
          place={{ path: file.path, side: place.side, from: place.line, to: place.line }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

interface CommentFieldProps {
  file: FileLines;
  place: LineRange;
  onClose: () => void;
}

function CommentField({ file: { taskId, range, choose }, place, onClose }: CommentFieldProps) {
  const { path, side, from: line } = place;
  const kept = `corch.comment.${taskId}.${side}.${line}.${path}`;
  const [text, setText] = useState(() => readLocal(kept) ?? '');
  const type = (value: string) => {
    writeLocal(kept, value === '' ? null : value);
    setText(value);
  };
  const add = () => {
    const comment = { path, line, side, text: text.trim() };
    editDraft(taskId, { comments: [...draftOf(taskId).get().comments, comment] });
    type('');
    onClose();
  };
  return (
    <div className="sticky left-0 flex max-w-xl flex-col gap-2 border-y border-line bg-surface p-3 font-sans">
      <Field label={`Comment on ${path}, line ${line}`}>
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
      <div className="flex flex-wrap justify-end gap-2">
        {choose !== undefined && <LinkButtons range={range} place={place} choose={choose} />}
        <Button onClick={onClose}>Close</Button>
        <Button look="primary" disabled={text.trim() === ''} onClick={add}>
          Add to the message
        </Button>
      </div>
    </div>
  );
}

/** By the keyboard what a click on the number of the line does, and with Shift. */
function LinkButtons({ range, place, choose }: Required<Pick<FileLines, 'range' | 'choose'>> & { place: LineRange }) {
  const link = (to: LineRange, extend: boolean) => {
    choose(place, extend);
    const address = new URL(rangeHash(to), location.href).href;
    void copyText(address).then((done) => done && showDone(`The link to ${rangeWords(to)} is copied.`));
  };
  const extended = extendRange(range, place);
  return (
    <div className="mr-auto flex flex-wrap gap-2">
      <Button look="quiet" onClick={() => link(place, false)}>
        Link to line {place.from}
      </Button>
      {extended.from !== extended.to && (
        <Button look="quiet" onClick={() => link(extended, true)}>
          Link to {rangeWords(extended)}
        </Button>
      )}
    </div>
  );
}
