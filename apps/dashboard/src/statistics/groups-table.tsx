import { filterValue, type History, type StatisticsGroup } from '@corch/contract';
import { Link } from 'react-router-dom';
import { tasksAddress } from '../tasks/list-address.js';
import { stepDuration } from '../ui/time-format.js';
import { costText, endedOf, successWords } from './history-words.js';

/** The key of the filter that finds the tasks of a group. */
const filterKeys: Record<StatisticsGroup, string> = {
  repository: 'repo',
  status: 'status',
  reason: 'reason',
  model: 'model',
};

const noneWords: Record<StatisticsGroup, string> = {
  repository: 'without a repository',
  status: '–',
  reason: 'no reason',
  model: 'the default model',
};

interface GroupsProps {
  history: History;
  groupBy: StatisticsGroup;
}

/** The past by repository, status, reason or model; a click shows the tasks. */
export function Groups({ history: { groups, groupsLeft, range }, groupBy }: GroupsProps) {
  return (
    <div
      className="overflow-x-auto rounded-xl border border-line bg-surface"
      tabIndex={0}
      role="group"
      aria-label={`By ${groupBy}`}
    >
      <table className="w-full text-right text-sm tabular-nums [&_td]:px-3 [&_td]:py-2 [&_th]:px-3 [&_th]:py-2 [&_th]:font-medium">
        <thead className="border-b border-line text-muted">
          <tr>
            <th scope="col" className="text-left first-letter:uppercase">
              {groupBy}
            </th>
            <th scope="col">Ended</th>
            <th scope="col">Succeeded</th>
            <th scope="col">Median run</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {groups.map((group) => (
            <tr key={group.key}>
              <th scope="row" className="max-w-64 truncate text-left">
                {group.key === null ? (
                  <span className="text-muted">{noneWords[groupBy]}</span>
                ) : (
                  <Link
                    to={tasksAddress(
                      `${filterKeys[groupBy]}:${filterValue(group.key)} ended:${range === '24h' ? '1d' : range}`,
                    )}
                    className="underline decoration-line hover:decoration-current"
                  >
                    {group.key}
                  </Link>
                )}
              </th>
              <td>{endedOf(group).toLocaleString()}</td>
              <td>{successWords(group)}</td>
              <td className="whitespace-nowrap">
                {group.durationMs === null ? '–' : stepDuration(group.durationMs.p50)}
              </td>
              <td className="whitespace-nowrap">{costText(group.costUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {groupsLeft > 0 && <p className="px-3 py-2 text-sm text-muted">and {groupsLeft.toLocaleString()} more</p>}
    </div>
  );
}
