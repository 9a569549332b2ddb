import type { Scope } from '@corch/contract';
import { useSession } from '../api/session.js';
import { CommandLine } from '../ui/copy-button.js';
import { Notice } from '../ui/notice.js';

/** What this session may not see, and who can change that. */
export function Forbidden({ needs }: { needs: Scope }) {
  const session = useSession();
  return (
    <Notice
      kind="warn"
      title={`This needs the scope “${needs}”; you are signed in with “${session?.scope ?? 'none'}”.`}
    >
      <p className="mb-2">Whoever runs the orchestrator can make a key for you, on its machine:</p>
      <CommandLine text={`corch key create "your name" --scope ${needs}`} label="Copy the command" />
    </Notice>
  );
}
