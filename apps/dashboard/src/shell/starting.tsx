import { LoaderCircle } from 'lucide-react';
import { describeError } from '../api/describe-error.js';
import { Sentence } from '../ui/sentence.js';
import { Page } from '../ui/page.js';

/** Before the first answer; asks again by itself until it comes. */
export function Starting({ error }: { error: unknown }) {
  if (error === null) return null;
  const { title, detail, hint } = describeError(error);
  return (
    <main className="mx-auto max-w-md px-4 py-24">
      <Page title={title}>
        <p>{detail}</p>
        <p className="text-muted">
          <Sentence text={hint} />
        </p>
        <p role="status" className="flex items-center gap-2 text-sm text-muted">
          <LoaderCircle size={16} aria-hidden className="motion-safe:animate-spin" />
          Trying again every 3 seconds…
        </p>
      </Page>
    </main>
  );
}
