import type { ReactNode } from 'react';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { ErrorNotice } from './error-notice.js';

interface ConfirmDialogProps {
  title: string;
  /** What it does that cannot be taken back. */
  children: ReactNode;
  keepWords?: string;
  actionWords: string;
  pending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before what cannot be undone; everything else is done at once and can be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, keepWords = 'Keep it', actionWords, pending, error, onConfirm, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <div className="break-words">{children}</div>
        {error !== null && <ErrorNotice error={error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{keepWords}</Button>
          <Button look="danger" pending={pending} onClick={onConfirm}>
            {actionWords}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
