import { clsx } from 'clsx';
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

const looks = {
  info: { icon: Info, className: 'border-line bg-surface', tone: 'text-blue' },
  warn: { icon: TriangleAlert, className: 'border-amber/40 bg-amber-soft', tone: 'text-amber' },
  error: { icon: CircleAlert, className: 'border-red/40 bg-red-soft', tone: 'text-red' },
};

interface NoticeProps {
  kind: keyof typeof looks;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Read aloud when it appears. */
  announce?: boolean;
}

/** What happened, why, and what to do next. */
export function Notice({ kind, title, children, actions, announce = false }: NoticeProps) {
  const { icon: Icon, className, tone } = looks[kind];
  return (
    <div
      role={announce ? 'alert' : undefined}
      className={clsx('flex gap-3 rounded-xl border p-3 text-sm sm:p-4', className)}
    >
      <Icon size={18} aria-hidden className={clsx('mt-0.5 shrink-0', tone)} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{title}</p>
        {children !== undefined && <div className="mt-1 break-words">{children}</div>}
        {actions !== undefined && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}

/** Nothing here yet: one sentence and one thing to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-line px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children !== undefined && (
        <div className="mx-auto mt-2 flex max-w-xl flex-col items-center gap-3 text-sm text-muted">{children}</div>
      )}
    </div>
  );
}
