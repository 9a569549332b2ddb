import { type MessagesRequest, textOf } from './messages-request.js';

// Seen from Claude Code 2.1.330: "# Environment\n… - Primary working directory: /a/b" in a system-role message; after a
// resume elsewhere, a later "# Environment update\n - Primary working directory: /c (was /a/b)"; with --bare, "CWD: /a/b"
// in the system prompt. Older versions: "Working directory: /a/b" in an <env> block of the system prompt.
const line = /^[ \t]*(?:[-*][ \t]*)?(?:(?:Primary|Current) )?(?:working directory|CWD)[ \t]*:[ \t]*(\S.*?)[ \t]*$/gim;
const before = / \(was .+\)$/;
const reminder = /<system-reminder>[\s\S]*?<\/system-reminder>/g;

/**
 * The directory the Claude session works in, as its latest request tells it; null when it does not.
 *
 * Only what Claude Code itself says counts: tool results and the user's own words may name any directory.
 */
export function workingDirectoryOf(request: MessagesRequest): string | null {
  const said = [request.system === undefined ? '' : textOf(request.system)];
  for (const message of request.messages) {
    const text = textOf(message.content);
    if (message.role === 'system') said.push(text);
    if (message.role === 'user') said.push(...(text.match(reminder) ?? []));
  }
  const latest = [...said.join('\n').matchAll(line)].pop()?.[1];
  return latest?.replace(before, '') ?? null;
}
