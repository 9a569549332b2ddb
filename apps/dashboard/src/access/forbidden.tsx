import type { Scope } from '@corch/contract';
import { useSession } from '../api/session.js';
import { CommandLine } from '../ui/copy-button.js';
import { Notice } from '../ui/notice.js';
import { Page } from '../ui/page.js';

/** A page that this session may not see, and who can change that. */
export function Forbidden({ title, needs }: { title: string; needs: Scope }) {
  const session = useSession();
  return (
    <Page title={title}>
      <Notice
        kind="warn"
        title={`This needs the scope “${needs}”; you are signed in with “${session?.scope ?? 'none'}”.`}
      >
        <p className="mb-2">Whoever runs the orchestrator can make a key for you, on its machine:</p>
        <CommandLine text={`corch key create "your name" --scope ${needs}`} label="Copy the command" />
      </Notice>
    </Page>
  );
}
