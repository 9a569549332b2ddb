import type { Scope } from '@corch/contract';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { NavLink, useParams } from 'react-router-dom';
import { Forbidden } from '../access/forbidden.js';
import { useMay } from '../api/session.js';
import { NotFoundPage } from '../shell/not-found-page.js';
import { Page } from '../ui/page.js';
import { About } from './about.js';
import { KeysSection } from './keys-section.js';
import { Limits } from './limits.js';
import { Pools } from './pools.js';
import { Tokens } from './tokens.js';

interface Part {
  id: string;
  words: string;
  needs: Scope;
  show: () => ReactNode;
}

const parts: readonly Part[] = [
  { id: 'limits', words: 'Limits', needs: 'read', show: () => <Limits /> },
  { id: 'pools', words: 'Pools', needs: 'read', show: () => <Pools /> },
  { id: 'keys', words: 'Keys', needs: 'admin', show: () => <KeysSection /> },
  { id: 'tokens', words: 'Worker tokens', needs: 'admin', show: () => <Tokens /> },
  { id: 'about', words: 'About', needs: 'read', show: () => <About /> },
];

/** What holds for the whole installation, a part at a time. */
export function SettingsPage() {
  const { part: id = 'limits' } = useParams();
  const part = parts.find((candidate) => candidate.id === id);
  const isAllowed = useMay(part?.needs ?? 'read');
  if (part === undefined) return <NotFoundPage />;
  return (
    <Page title="Settings" tabTitle={`${part.words} · Settings`}>
      <nav aria-label="Parts of the settings" className="flex gap-1 overflow-x-auto border-b border-line">
        {parts.map(({ id: target, words }) => (
          <NavLink
            key={target}
            to={`/settings/${target}`}
            aria-current={target === id ? 'page' : undefined}
            className={clsx(
              'flex min-h-10 items-center border-b-2 px-3 text-sm whitespace-nowrap -outline-offset-2',
              target === id ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {words}
          </NavLink>
        ))}
      </nav>
      {isAllowed ? part.show() : <Forbidden needs={part.needs} />}
    </Page>
  );
}
