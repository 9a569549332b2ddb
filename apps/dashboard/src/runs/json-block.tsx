import { CopyButton } from '../ui/copy-button.js';

/** A value as indented JSON. */
export function JsonBlock({ label, value }: { label: string; value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  return (
    <div className="relative overflow-hidden rounded-lg border border-line bg-sunken">
      <div className="absolute top-1 right-1">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
      <pre
        tabIndex={0}
        role="group"
        aria-label={label}
        className="max-h-96 overflow-auto p-2.5 pr-9 font-mono text-[0.8125rem] break-words whitespace-pre-wrap"
      >
        {text}
      </pre>
    </div>
  );
}
