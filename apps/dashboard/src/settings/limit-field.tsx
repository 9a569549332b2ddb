import { Field, inputClass } from '../ui/field.js';

interface LimitFieldProps {
  label: string;
  hint: string;
  /** Shown where nothing is typed. */
  none: string;
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

/** A number, or nothing at all for no limit. */
export function LimitField({ label, hint, none, value, error, onChange }: LimitFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input
          {...control}
          inputMode="numeric"
          placeholder={none}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={inputClass}
        />
      )}
    </Field>
  );
}
