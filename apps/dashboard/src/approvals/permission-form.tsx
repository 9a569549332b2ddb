import type { Approval, DecideApproval } from '@corch/contract';
import { Check, CheckCheck, Pencil, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.js';
import { Field, inputClass } from '../ui/field.js';
import { editedInput, editedText } from './edit-input.js';

interface PermissionFormProps {
  approval: Approval;
  pending: boolean;
  onDecide: (decision: DecideApproval) => void;
}

/** Allow once, for this run, or with another input; deny with a reason. A plan is approved or sent back. */
export function PermissionForm({ approval, pending, onDecide }: PermissionFormProps) {
  const [open, setOpen] = useState<'none' | 'edit' | 'deny'>('none');
  const isPlan = approval.kind === 'plan';
  if (open === 'deny') {
    return <DenyForm isPlan={isPlan} pending={pending} onDecide={onDecide} onBack={() => setOpen('none')} />;
  }
  if (open === 'edit') {
    return <EditForm approval={approval} pending={pending} onDecide={onDecide} onBack={() => setOpen('none')} />;
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          data-key="y"
          pending={pending}
          onClick={() => onDecide({ action: 'allow' })}
          icon={<Check size={16} aria-hidden />}
        >
          {isPlan ? 'Approve the plan' : 'Allow once'}
        </Button>
        {approval.grant !== null && (
          <Button
            data-key="a"
            disabled={pending}
            title={`Allows ${approval.grant}`}
            onClick={() => onDecide({ action: 'allow', scope: 'run' })}
            icon={<CheckCheck size={16} aria-hidden />}
          >
            Allow for this run
          </Button>
        )}
        {!isPlan && !approval.inputCut && (
          <Button disabled={pending} onClick={() => setOpen('edit')} icon={<Pencil size={15} aria-hidden />}>
            Edit…
          </Button>
        )}
        <Button
          look="danger"
          data-key="n"
          disabled={pending}
          onClick={() => setOpen('deny')}
          icon={<X size={16} aria-hidden />}
        >
          {isPlan ? 'Request changes…' : 'Deny…'}
        </Button>
      </div>
      {approval.grant !== null && (
        <p className="text-[0.8125rem] break-words text-muted">For this run: {approval.grant}.</p>
      )}
    </div>
  );
}

interface PartProps {
  pending: boolean;
  onDecide: (decision: DecideApproval) => void;
  onBack: () => void;
}

function DenyForm({ isPlan, pending, onDecide, onBack }: PartProps & { isPlan: boolean }) {
  const [message, setMessage] = useState('');
  const [isStop, setStop] = useState(false);
  const text = message.trim();
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onDecide({ action: 'deny', interrupt: isStop, ...(text !== '' && { message: text }) });
      }}
    >
      <Field
        label={isPlan ? 'What to change' : 'What Claude is told'}
        hint={isPlan ? undefined : 'It goes on and may try another way.'}
      >
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={10_000}
            value={message}
            onChange={(event) => setMessage(event.target.value)}
            className={inputClass}
          />
        )}
      </Field>
      {!isPlan && (
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" checked={isStop} onChange={(event) => setStop(event.target.checked)} />
          Stop the turn, too
        </label>
      )}
      <div className="flex flex-wrap gap-2">
        <Button look="danger" type="submit" pending={pending} disabled={isPlan && text === ''}>
          {isPlan ? 'Request changes' : 'Deny'}
        </Button>
        <Button onClick={onBack}>Back</Button>
      </div>
    </form>
  );
}

function EditForm({ approval, pending, onDecide, onBack }: PartProps & { approval: Approval }) {
  const { label, text: start } = editedText(approval.input);
  const [text, setText] = useState(start);
  const input = editedInput(approval.input, text);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (input !== null) onDecide({ action: 'allow', input });
      }}
    >
      <Field label={label} error={input === null ? 'is no JSON object' : undefined}>
        {(control) => (
          <textarea
            {...control}
            rows={Math.min(16, Math.max(3, text.split('\n').length + 1))}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className={`${inputClass} font-mono`}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" pending={pending} disabled={input === null}>
          Allow this
        </Button>
        <Button onClick={onBack}>Back</Button>
      </div>
    </form>
  );
}
