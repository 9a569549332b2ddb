import { Columns2 } from 'lucide-react';
import { Menu } from '../ui/menu.js';
import { useStore } from '../ui/store.js';
import { columns, columnWords, showColumns, shownColumns, usualColumns } from './columns.js';

/** Chooses what the rows say; this browser keeps it. */
export function ColumnsMenu() {
  const shown = useStore(shownColumns);
  return (
    <Menu words="Columns" icon={<Columns2 size={15} aria-hidden />}>
      {() => (
        <fieldset className="flex flex-col">
          <legend className="sr-only">What the rows say</legend>
          {columns.map((column) => (
            <label key={column} className="flex min-h-8 items-center gap-2 rounded-md px-2 hover:bg-sunken">
              <input
                type="checkbox"
                checked={shown.includes(column)}
                onChange={(event) =>
                  showColumns(
                    columns.filter((other) => (other === column ? event.target.checked : shown.includes(other))),
                  )
                }
                className="size-4 accent-accent"
              />
              {columnWords[column]}
            </label>
          ))}
          <button
            type="button"
            onClick={() => showColumns(usualColumns)}
            className="mt-1 min-h-8 rounded-md px-2 text-left text-accent hover:bg-sunken"
          >
            As usual
          </button>
        </fieldset>
      )}
    </Menu>
  );
}
