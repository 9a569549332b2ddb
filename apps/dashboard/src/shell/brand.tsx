import type { InstanceColour } from '@corch/contract';
import { clsx } from 'clsx';
import { useEffect } from 'react';
import { useInstance } from '../api/instance.js';
import { tabPrefix } from '../ui/page.js';

/** Text and background of each colour; close to each other for a colour-blind eye, so the name stands beside it. */
const tones: Record<InstanceColour, string> = {
  slate: 'bg-slate-soft text-slate',
  red: 'bg-red-soft text-red',
  orange: 'bg-accent-soft text-accent',
  amber: 'bg-amber-soft text-amber',
  green: 'bg-green-soft text-green',
  teal: 'bg-green-soft text-green',
  blue: 'bg-blue-soft text-blue',
  violet: 'bg-violet-soft text-violet',
  pink: 'bg-violet-soft text-violet',
};

/** The sign and the name of this orchestrator; the tab carries the name, too. `wordsClass`: on the narrow rail. */
export function Brand({ wordsClass = '' }: { wordsClass?: string }) {
  const { name, colour } = useInstance();
  useEffect(() => tabPrefix.set(name === null ? '' : `[${name}] `), [name]);
  return (
    <>
      <img src="/favicon.svg" alt="" width={22} height={22} className="shrink-0" />
      {name === null ? (
        <span className={wordsClass}>
          <span className="text-sm whitespace-nowrap">Claude Orchestrator</span>
        </span>
      ) : (
        <span
          title="Claude Orchestrator"
          className={clsx(wordsClass, 'min-w-0 truncate rounded-md px-2 py-0.5', tones[colour ?? 'slate'])}
        >
          {name}
        </span>
      )}
    </>
  );
}
