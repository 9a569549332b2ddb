import { clsx } from 'clsx';
import { useId, type ReactNode } from 'react';

interface Controlled {
  id: string;
  'aria-invalid': boolean | undefined;
  'aria-describedby': string | undefined;
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  className?: string;
  /** Draws the control; spread what it is given on it. */
  children: (control: Controlled) => ReactNode;
}

/** A labelled control with its hint and, when it is wrong, its error. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = [error === undefined ? '' : errorId, hint === undefined ? '' : hintId].filter(Boolean).join(' ');
  return (
    <div className={clsx('min-w-0', className)}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        'aria-invalid': error === undefined ? undefined : true,
        'aria-describedby': described === '' ? undefined : described,
      })}
      {error !== undefined && (
        <p id={errorId} className="mt-1 text-sm text-red first-letter:uppercase">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={hintId} className="mt-1 text-[0.8125rem] text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

/** 16 px on phones: below that iOS zooms into what is typed in. */
export const controlClass =
  'min-w-0 rounded-lg border border-control bg-surface px-3 py-1.5 text-base sm:text-sm ' +
  'placeholder:text-muted aria-invalid:border-red disabled:opacity-60';

/** A control as wide as its field. */
export const inputClass = `block w-full ${controlClass}`;
