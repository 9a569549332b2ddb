import { Search } from 'lucide-react';
import { Link } from 'react-router-dom';
import { Brand } from './brand.js';
import { ConnectionState } from './connection-state.js';

/** Above every page on a phone. */
export function PhoneTop({ onSearch }: { onSearch: () => void }) {
  return (
    <header className="flex h-12 items-center gap-2 border-b border-line bg-surface px-4 sm:hidden">
      <Link to="/" className="flex min-h-8 items-center gap-2 text-sm font-semibold">
        <Brand />
      </Link>
      <span className="ml-auto flex items-center gap-2">
        <ConnectionState />
        <button
          type="button"
          aria-label="Search or jump to"
          onClick={onSearch}
          className="-mr-2 inline-flex size-9 items-center justify-center rounded-lg text-muted"
        >
          <Search size={18} aria-hidden />
        </button>
      </span>
    </header>
  );
}
