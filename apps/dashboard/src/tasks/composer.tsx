import { isFinal, type TaskDetail } from '@corch/contract';
import { Hand, Send } from 'lucide-react';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { Field, inputClass } from '../ui/field.js';
import { useStore } from '../ui/store.js';
import { clearDraft, draftOf, editDraft, isEmpty } from './message-draft.js';
import { useInterruptTask, useSendMessage } from './use-task.js';

/** Where people say something to a task of Claude, whether it works or has ended. */
export function Composer({ task }: { task: TaskDetail }) {
  const maySubmit = useMay('submit');
  if (!maySubmit || task.executor !== 'claude') return null;
  return <OpenComposer task={task} />;
}

function OpenComposer({ task }: { task: TaskDetail }) {
  const draft = useStore(draftOf(task.id));
  const send = useSendMessage(task.id);
  const interrupt = useInterruptTask(task.id);
  const isRunning = task.status === 'running';
  const say = (stopFirst: boolean) => {
    if (isEmpty(draft) || send.isPending) return;
    const text = draft.text.trim() === '' ? {} : { text: draft.text };
    const body = { ...text, comments: draft.comments, interrupt: stopFirst };
    // Kept until the answer is there: a refused message is still in the field.
    send.mutate({ body, idempotencyKey: draft.key }, { onSuccess: () => clearDraft(task.id, draft) });
  };
  return (
    <form
      aria-label="Say something to this task"
      className="mt-4 flex flex-col gap-3 rounded-xl border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        say(false);
      }}
    >
      <Field label="Message to Claude" hint={hintOf(task)}>
        {(control) => (
          <textarea
            {...control}
            className={inputClass}
            rows={3}
            readOnly={send.isPending}
            value={draft.text}
            onChange={({ target }) => editDraft(task.id, { text: target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) say(false);
            }}
          />
        )}
      </Field>
      {draft.comments.length > 0 && (
        <ul aria-label="Comments that go along" className="flex flex-col gap-1.5 text-sm">
          {draft.comments.map((comment, index) => (
            <li key={index} className="flex items-start gap-2">
              <span className="min-w-0 flex-1 break-words">
                <code className="font-mono text-[0.8125rem]">
                  {comment.path}:{comment.line}
                </code>{' '}
                {comment.text}
              </span>
              <Button
                look="quiet"
                aria-label={`Remove the comment on ${comment.path}, line ${comment.line}`}
                onClick={() => editDraft(task.id, { comments: draft.comments.filter((one) => one !== comment) })}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {send.error !== null && <ErrorNotice error={send.error} onRetry={() => say(false)} pending={send.isPending} />}
      <div className="flex flex-wrap justify-end gap-2">
        {isRunning && (
          <Button
            pending={interrupt.isPending}
            onClick={() => (isEmpty(draft) ? interrupt.mutate() : say(true))}
            icon={<Hand size={15} aria-hidden />}
          >
            {isEmpty(draft) ? 'Interrupt' : 'Interrupt and send'}
          </Button>
        )}
        <Button
          type="submit"
          look="primary"
          pending={send.isPending}
          disabled={isEmpty(draft)}
          icon={<Send size={15} aria-hidden />}
        >
          Send
        </Button>
      </div>
    </form>
  );
}

function hintOf({ status }: TaskDetail): string {
  if (status === 'running') return 'Joins the turn under way.';
  if (isFinal(status)) return 'Opens a new run in the same session and files.';
  return 'Is told when the run goes on.';
}
