import { clsx } from 'clsx';

/** The grey shape of something that is still being read. Shown after 150 ms, so that quick answers do not flicker. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx('animate-appear rounded-md bg-line/70', className)} />;
}

/** `count` rows of the height that the real ones will have. */
export function SkeletonRows({ count, label, rowClass }: { count: number; label: string; rowClass: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} className={rowClass} />
      ))}
    </div>
  );
}
