import type { Run } from '@corch/contract';
import { statWords } from '../tasks/task-words.js';
import { Empty } from '../ui/notice.js';

/** Why there is no change to show. */
export function NoChange({ run: { stat, workerName } }: { run: Run }) {
  if (stat === null || stat.files === 0)
    return <Empty title="This run has no change: it worked without a repository or never started." />;
  return (
    <Empty title="The change is too big to be shown.">
      <p>
        {statWords(stat)} in {stat.files} {stat.files === 1 ? 'file' : 'files'}. It was larger than what is kept of a
        run
        {workerName !== null && ` and lies on the worker ${workerName}`}; the conversation says where.
      </p>
    </Empty>
  );
}
