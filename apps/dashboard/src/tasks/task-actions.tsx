import { isFinal, type Run, type TaskDetail } from '@corch/contract';
import { Ban, GitFork, GitPullRequest, RotateCw, StepForward, SquareTerminal, Trash2, Unplug } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { Dialog } from '../ui/dialog.js';
import { CommandsDialog } from './commands-dialog.js';
import { DeliverDialog } from './deliver-dialog.js';
import { ForkDialog } from './fork-dialog.js';
import { ReleaseDialog } from './release-dialog.js';
import { deliveryOffer, hasSession, isCancelling, isUnreachable } from './task-words.js';
import { useCancelTask, useDeleteTask, useRetryTask } from './use-task.js';

type Open = 'none' | 'commands' | 'delete' | 'deliver' | 'fork' | 'release';

const offerWords = { 'pull request': 'Pull request…', branch: 'Push branch…', again: 'Deliver again…' };

export function TaskActions({ task, run }: { task: TaskDetail; run: Run }) {
  const maySubmit = useMay('submit');
  const isAdmin = useMay('admin');
  const cancel = useCancelTask(task.id);
  const retry = useRetryTask(task.id);
  const [open, setOpen] = useState<Open>('none');
  const isOver = isFinal(task.status);
  const maySpeak = hasSession(task, run);
  const offer = maySubmit ? deliveryOffer(task, task.currentRun) : null;
  const isEnding = cancel.isPending || isCancelling(task);
  useCommands('Task', [
    ...(maySubmit && isOver ? [{ keys: 'r', words: 'Retry', run: () => retry.retry('fresh') }] : []),
    ...(maySubmit && !isOver && !isEnding ? [{ keys: 'q', words: 'Cancel', run: () => cancel.mutate() }] : []),
    { keys: '.', words: 'The same from a terminal', run: () => setOpen('commands') },
  ]);
  return (
    <div className="flex flex-wrap gap-2">
      {maySubmit && !isOver && (
        <Button pending={isEnding} onClick={() => cancel.mutate()} icon={<Ban size={15} aria-hidden />}>
          {isEnding ? 'Cancelling…' : 'Cancel'}
        </Button>
      )}
      {isAdmin && isUnreachable(task) && (
        <Button look="danger" onClick={() => setOpen('release')} icon={<Unplug size={15} aria-hidden />}>
          Release…
        </Button>
      )}
      {offer !== null && (
        <Button onClick={() => setOpen('deliver')} icon={<GitPullRequest size={15} aria-hidden />}>
          {offerWords[offer]}
        </Button>
      )}
      {maySubmit && isOver && (
        <Button
          pending={retry.isPending}
          onClick={() => retry.retry('fresh')}
          icon={<RotateCw size={15} aria-hidden />}
        >
          {retry.isPending ? 'Opening a run…' : 'Retry'}
        </Button>
      )}
      {maySubmit && isOver && maySpeak && (
        <Button
          title="A new run goes on where the last one stopped"
          pending={retry.isPending}
          onClick={() => retry.retry('continue')}
          icon={<StepForward size={15} aria-hidden />}
        >
          Continue session
        </Button>
      )}
      {maySubmit && maySpeak && (
        <Button onClick={() => setOpen('fork')} icon={<GitFork size={15} aria-hidden />}>
          Fork…
        </Button>
      )}
      {maySubmit && isOver && (
        <Button
          look="danger"
          aria-label="Delete"
          title="Delete"
          onClick={() => setOpen('delete')}
          icon={<Trash2 size={17} aria-hidden />}
        />
      )}
      <Button
        aria-label="Commands for this task"
        title="The same from a terminal"
        onClick={() => setOpen('commands')}
        icon={<SquareTerminal size={17} aria-hidden />}
      />
      {open === 'commands' && <CommandsDialog task={task} run={run} onClose={() => setOpen('none')} />}
      {open === 'deliver' && offer !== null && (
        <DeliverDialog task={task} offer={offer} onClose={() => setOpen('none')} />
      )}
      {open === 'fork' && <ForkDialog run={run} onClose={() => setOpen('none')} />}
      {open === 'release' && <ReleaseDialog task={task} onClose={() => setOpen('none')} />}
      {open === 'delete' && <DeleteDialog task={task} onClose={() => setOpen('none')} />}
    </div>
  );
}

function DeleteDialog({ task, onClose }: { task: TaskDetail; onClose: () => void }) {
  const remove = useDeleteTask(task.id);
  const navigate = useNavigate();
  return (
    <Dialog title="Delete this task?" onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="break-words">
          “{task.title}” goes with its {task.runCount === 1 ? 'run' : `${task.runCount} runs`}, transcript and change.
          This cannot be undone.
        </p>
        {remove.error !== null && <ErrorNotice error={remove.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            pending={remove.isPending}
            onClick={() => remove.mutate(undefined, { onSuccess: () => void navigate('/tasks') })}
          >
            Delete the task
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
