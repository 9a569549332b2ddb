import { RotateCw } from 'lucide-react';
import { Button } from '../ui/button.js';
import { Sentence } from '../ui/sentence.js';
import { Notice } from '../ui/notice.js';
import { describeError } from './describe-error.js';

/** A failed request: what, why, what next, the request id, and a way to try again. */
export function ErrorNotice({ error, onRetry, pending }: { error: unknown; onRetry?: () => void; pending?: boolean }) {
  const { title, detail, hint, requestId } = describeError(error);
  return (
    <Notice
      kind="error"
      title={title}
      announce
      actions={
        onRetry && (
          <Button onClick={onRetry} pending={pending ?? false} icon={<RotateCw size={15} aria-hidden />}>
            Try again
          </Button>
        )
      }
    >
      <p>{detail}</p>
      <p className="mt-1">
        <Sentence text={hint} />
      </p>
      {requestId !== null && (
        <p className="mt-1 text-[0.8125rem]">
          Request <code className="font-mono">{requestId}</code>
        </p>
      )}
    </Notice>
  );
}
