import { FlaskConical } from 'lucide-react';

/** This worked (or will work) on the scripted model instead of Claude. */
export function DemoMark() {
  return (
    <span
      title="Works on a scripted model instead of Claude: no login, no cost"
      className="inline-flex items-center gap-1 rounded-full bg-violet-soft px-2 py-px text-xs font-medium text-violet"
    >
      <FlaskConical size={12} aria-hidden />
      demo
    </span>
  );
}

export function Label({ text }: { text: string }) {
  return (
    <span className="max-w-full truncate rounded-full border border-line px-2 py-px text-xs">
      <span className="sr-only">label </span>
      {text}
    </span>
  );
}
