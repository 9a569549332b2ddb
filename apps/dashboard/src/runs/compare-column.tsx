import type { Run } from '@corch/contract';
import type { ReactNode } from 'react';

/** One run of the two, with its heading. */
export function Column({ run, what, children }: { run: Run; what: string; children: ReactNode }) {
  return (
    <section aria-label={`${what} of run ${run.attempt}`} className="flex min-w-0 flex-col gap-3">
      <h2 className="sticky top-24 z-10 bg-page py-1 font-medium">Run {run.attempt}</h2>
      {children}
    </section>
  );
}
