import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { keys } from '../api/query-client.js';
import { useMay } from '../api/session.js';
import { Button, ButtonLink } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { termsOf } from './list-address.js';

/** The very first thing somebody sees. */
export function NoTasks() {
  const maySubmit = useMay('submit');
  return (
    <Empty title="No task yet.">
      <p>A task is a prompt and its options. Claude Code works on it in a clone of its own; you see everything live.</p>
      {maySubmit && (
        <ButtonLink to="/new" look="primary">
          Submit the first task
        </ButtonLink>
      )}
      <div className="w-full text-left">
        <CommandLine text={'corch run "Explain this repository in 5 bullets" -w'} label="Copy the command" />
      </div>
    </Empty>
  );
}

/** Says which part of the filter hides how many. */
export function NoMatch({ filter, onChange }: { filter: string; onChange: (filter: string) => void }) {
  const terms = termsOf(filter);
  return (
    <Empty title="No task matches.">
      <ul className="flex flex-col items-center gap-2">
        {terms.map(({ words, without }) => (
          <li key={words}>
            <Button onClick={() => onChange(without)}>
              Remove <code className="font-mono">{words}</code> <Count filter={without} />
            </Button>
          </li>
        ))}
      </ul>
      {terms.length > 1 && (
        <Button look="quiet" onClick={() => onChange('')}>
          Remove all
        </Button>
      )}
    </Empty>
  );
}

function Count({ filter }: { filter: string }) {
  const { data } = useQuery({
    queryKey: [...keys.taskLists, 'count', filter],
    queryFn: ({ signal }) => client.listTasks({ query: { limit: 1, ...(filter !== '' && { filter }) }, signal }),
  });
  if (data === undefined) return null;
  return <span className="text-muted">(shows {data.total.value.toLocaleString()})</span>;
}
