import type { ReactNode } from 'react';

interface FactProps {
  name: string;
  /** The value says itself what it is; the name is for those who do not see it. */
  hidesName?: boolean;
  children: ReactNode;
}

/** One fact of a `<dl>`, in a line with others. */
export function Fact({ name, hidesName = false, children }: FactProps) {
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <dt className={hidesName ? 'sr-only' : 'text-muted'}>{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-1.5">{children}</dd>
    </div>
  );
}
