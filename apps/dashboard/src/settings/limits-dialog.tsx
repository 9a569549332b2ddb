import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { LimitField } from './limit-field.js';
import { limitError, readLimit, showLimit } from './limit-text.js';

/** The most runs at once that can be asked for. */
export const mostRuns = 100_000;

interface Limit {
  readonly label: string;
  /** What it does, and what leaving it empty means. */
  readonly hint: string;
  /** As it is set; null: no limit. */
  readonly value: number | null;
  readonly most: number;
  /** Shown where nothing is typed. */
  readonly none?: string;
}

interface LimitsDialogProps {
  readonly title: string;
  readonly limits: readonly Limit[];
  readonly action: string;
  /** The command that does the same. */
  readonly command: (values: readonly (number | null)[]) => string;
  readonly onSave: (values: readonly (number | null)[]) => void;
  readonly isSaving: boolean;
  readonly error: Error | null;
  readonly onClose: () => void;
}

/** Asks for limits, each a whole number or nothing; complains after the first try to save. */
export function LimitsDialog({ title, limits, action, command, onSave, isSaving, error, onClose }: LimitsDialogProps) {
  const [texts, setTexts] = useState<readonly string[]>(limits.map(({ value }) => showLimit(value)));
  const [isSent, setSent] = useState(false);
  const values = texts.map(readLimit);
  const errors = limits.map(({ most }, index) => limitError(values[index] ?? null, most));
  const isWrong = errors.some((found) => found !== undefined);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (!isWrong) onSave(values);
        }}
      >
        {limits.map(({ label, hint, none }, index) => (
          <LimitField
            key={label}
            label={label}
            hint={hint}
            none={none ?? 'No limit'}
            value={texts[index] ?? ''}
            error={isSent ? errors[index] : undefined}
            onChange={(text) => setTexts(texts.with(index, text))}
          />
        ))}
        {!isWrong && <CommandLine text={command(values)} label="Copy the command" />}
        {error !== null && <ErrorNotice error={error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it as it is</Button>
          <Button look="primary" type="submit" pending={isSaving}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
