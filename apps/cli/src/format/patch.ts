import type { Colors } from '../output.js';

/** What a patch does to one file. */
export interface FileChange {
  readonly path: string;
  /** Where it was, when it was renamed. */
  readonly from?: string;
  readonly additions: number;
  readonly deletions: number;
  readonly binary: boolean;
}

/** The files of a git patch with their counted lines. */
export function patchFiles(patch: string): FileChange[] {
  const files: { -readonly [Key in keyof FileChange]: FileChange[Key] }[] = [];
  let inHunk = 0;
  for (const text of patch.split('\n')) {
    const file = files.at(-1);
    if (inHunk === 0 && text.startsWith('diff --git ')) {
      files.push({ path: headerPath(text), additions: 0, deletions: 0, binary: false });
    } else if (text.startsWith('@@ ')) {
      inHunk = hunkLines(text);
    } else if (file !== undefined && inHunk > 0) {
      if (text.startsWith('+')) file.additions += 1;
      else if (text.startsWith('-')) file.deletions += 1;
      // A context line stands on both sides; "\ No newline at end of file" on none.
      inHunk -= text.startsWith('+') || text.startsWith('-') ? 1 : text.startsWith('\\') ? 0 : 2;
    } else if (file !== undefined) {
      if (/^(Binary files |GIT binary patch)/.test(text)) file.binary = true;
      if (text.startsWith('rename from ')) file.from = unquote(text.slice('rename from '.length));
      if (text.startsWith('rename to ')) file.path = unquote(text.slice('rename to '.length));
    }
  }
  return files;
}

/** `@@ -1,3 +1,4 @@`: lines of both sides together, 7. */
function hunkLines(head: string): number {
  const match = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(head);
  return Number(match?.[1] ?? 1) + Number(match?.[2] ?? 1);
}

/** `diff --git a/x b/x` names the file twice; the first half is enough. What was renamed says so below. */
function headerPath(text: string): string {
  const names = text.slice('diff --git '.length);
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(names)?.[0];
  const first = quoted ?? names.slice(0, (names.length - 1) / 2);
  return unquote(first).replace(/^a\//, '');
}

/** git quotes names with special characters like C, in bytes. */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  for (const [, octal, escaped, other] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gsu)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else bytes.push(...Buffer.from(escaped ?? other ?? ''));
  }
  return Buffer.from(bytes).toString('utf8');
}

/** One line of a patch in colour. */
export function paintPatchLine(text: string, color: Colors): string {
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(text)) return color.bold(text);
  if (text.startsWith('@@')) return color.cyan(text);
  if (text.startsWith('+')) return color.green(text);
  if (text.startsWith('-')) return color.red(text);
  return text;
}
