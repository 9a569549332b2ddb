import type { ReactNode } from 'react';

interface BannerProps {
  icon: ReactNode;
  /** Text and background. */
  tone?: string;
  children: ReactNode;
}

/** A sentence over the whole width, above every page. */
export function Banner({ icon, tone = 'bg-amber-soft text-amber', children }: BannerProps) {
  return (
    <div className={tone}>
      <p className="mx-auto flex max-w-6xl items-start gap-2 px-4 py-2 text-sm sm:px-6">
        {icon}
        <span className="min-w-0 break-words">{children}</span>
      </p>
    </div>
  );
}
