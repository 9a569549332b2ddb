import { routes } from '@corch/contract';
import { routePath } from '@corch/contract/client';
import { Download } from 'lucide-react';
import { CommandLine } from '../ui/copy-button.js';
import { Menu } from '../ui/menu.js';
import { shellWord } from '../ui/shell-word.js';

const formats = [
  { format: 'csv', words: 'CSV, for a spreadsheet' },
  { format: 'jsonl', words: 'JSON, one task a line' },
] as const;

/** Everything that the filter finds, as a file. The browser fetches it by itself, however large it is. */
export function ExportMenu({ filter }: { filter: string }) {
  const address = (format: string) =>
    `${routePath(routes.exportTasks, {})}?${new URLSearchParams({ format, ...(filter !== '' && { filter }) }).toString()}`;
  return (
    <Menu words="Export" icon={<Download size={15} aria-hidden />}>
      {(close) => (
        <div className="flex w-64 flex-col gap-1">
          {formats.map(({ format, words }) => (
            <a
              key={format}
              href={address(format)}
              download={`tasks.${format}`}
              onClick={close}
              className="flex min-h-9 items-center rounded-md px-2 hover:bg-sunken"
            >
              {words}
            </a>
          ))}
          <CommandLine
            text={`corch task export${filter === '' ? '' : ` --filter ${shellWord(filter)}`} > tasks.csv`}
            label="Copy the command"
          />
        </div>
      )}
    </Menu>
  );
}
