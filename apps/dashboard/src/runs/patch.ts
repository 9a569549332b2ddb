export interface PatchLine {
  readonly kind: 'context' | 'add' | 'del' | 'note';
  readonly text: string;
  readonly before: number | null;
  readonly after: number | null;
}

export interface Hunk {
  /** `@@ -1,4 +1,5 @@ function name()` */
  readonly header: string;
  readonly lines: readonly PatchLine[];
}

export interface PatchFile {
  readonly path: string;
  /** Where it was, when it was renamed or copied. */
  readonly from: string | null;
  readonly change: 'added' | 'deleted' | 'modified' | 'renamed' | 'copied' | 'mode';
  readonly isBinary: boolean;
  readonly additions: number;
  readonly deletions: number;
  readonly hunks: readonly Hunk[];
}

/** Reads the output of `git diff` (with or without `--binary`). Lines it does not know are skipped. */
export function parsePatch(text: string): PatchFile[] {
  const lines = text.split('\n');
  const files: PatchFile[] = [];
  let index = 0;
  while (index < lines.length) {
    if (!lines[index]!.startsWith('diff --git ')) {
      index++;
      continue;
    }
    const { file, next } = parseFile(lines, index);
    files.push(file);
    index = next;
  }
  return files;
}

function parseFile(lines: readonly string[], start: number): { file: PatchFile; next: number } {
  const head = readHead(lines, start);
  const hunks: Hunk[] = [];
  let index = head.next;
  while (index < lines.length && !lines[index]!.startsWith('diff --git ')) {
    if (!lines[index]!.startsWith('@@ ')) {
      index++;
      continue;
    }
    const { hunk, next } = parseHunk(lines, index);
    hunks.push(hunk);
    index = next;
  }
  const count = (kind: PatchLine['kind']) =>
    hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.kind === kind).length, 0);
  const { path, from, change, isBinary } = head;
  return {
    file: { path, from, change, isBinary, hunks, additions: count('add'), deletions: count('del') },
    next: index,
  };
}

interface Head extends Pick<PatchFile, 'path' | 'from' | 'change' | 'isBinary'> {
  next: number;
}

/** The lines between `diff --git` and the first hunk. */
function readHead(lines: readonly string[], start: number): Head {
  const facts = new Map<string, string>();
  let isBinary = false;
  let index = start + 1;
  for (; index < lines.length; index++) {
    const line = lines[index]!;
    if (line.startsWith('@@ ') || line.startsWith('diff --git ')) break;
    if (line.startsWith('GIT binary patch') || line.startsWith('Binary files ')) {
      isBinary = true;
      break;
    }
    const fact =
      /^(---|\+\+\+|rename from|rename to|copy from|copy to|new file mode|deleted file mode|old mode) (.*)$/.exec(line);
    if (fact !== null) facts.set(fact[1]!, fact[2]!);
  }
  const sides = diffSides(lines[start]!);
  const after = sidePath(facts.get('+++')) ?? sides.after;
  const before = sidePath(facts.get('---')) ?? sides.before;
  const base = { isBinary, next: index };
  const renamedFrom = facts.get('rename from');
  const copiedFrom = facts.get('copy from');
  if (renamedFrom !== undefined) {
    return { ...base, change: 'renamed', from: unquote(renamedFrom), path: unquote(facts.get('rename to') ?? after) };
  }
  if (copiedFrom !== undefined) {
    return { ...base, change: 'copied', from: unquote(copiedFrom), path: unquote(facts.get('copy to') ?? after) };
  }
  if (facts.has('new file mode')) return { ...base, change: 'added', from: null, path: after };
  if (facts.has('deleted file mode')) return { ...base, change: 'deleted', from: null, path: before };
  const isModeOnly = facts.has('old mode') && !facts.has('+++') && !isBinary;
  return { ...base, change: isModeOnly ? 'mode' : 'modified', from: null, path: after };
}

/** The path of a `---` or `+++` line; null for `/dev/null`. Git puts a tab behind names with spaces. */
function sidePath(text: string | undefined): string | null {
  if (text === undefined) return null;
  const path = unquote(text.replace(/\t$/, ''));
  return path === '/dev/null' ? null : path.slice(2);
}

/** `diff --git a/x b/x`: without renames both sides are the same path, so the line splits in its middle. */
function diffSides(line: string): { before: string; after: string } {
  const rest = line.slice('diff --git '.length);
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*")$/.exec(rest);
  if (quoted !== null) return { before: unquote(quoted[1]!).slice(2), after: unquote(quoted[2]!).slice(2) };
  const half = (rest.length - 1) / 2;
  return { before: rest.slice(2, half), after: rest.slice(half + 3) };
}

/** `"a/\303\244.txt"` → `a/ä.txt`: git quotes names with bytes beyond ASCII as octal UTF-8. */
function unquote(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"')) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  const escapes: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };
  for (const part of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gsu)) {
    const [, octal, escaped, plain] = part;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (escaped !== undefined) bytes.push(...(escaped in escapes ? [escapes[escaped]!] : encoder.encode(escaped)));
    else bytes.push(...encoder.encode(plain ?? ''));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

function parseHunk(lines: readonly string[], start: number): { hunk: Hunk; next: number } {
  const header = lines[start]!;
  const counts = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(header);
  let before = Number(counts?.[1] ?? 0);
  let after = Number(counts?.[3] ?? 0);
  // The counts say where the hunk ends, so a changed line that looks like a header is still a line.
  let leftBefore = counts === null ? 0 : Number(counts[2] ?? 1);
  let leftAfter = counts === null ? 0 : Number(counts[4] ?? 1);
  const found: PatchLine[] = [];
  let index = start + 1;
  for (; index < lines.length; index++) {
    const line = lines[index]!;
    if (line.startsWith('\\')) {
      found.push({ kind: 'note', text: line.slice(2), before: null, after: null });
      continue;
    }
    if (leftBefore <= 0 && leftAfter <= 0) break;
    const text = line.slice(1);
    if (line.startsWith('+')) {
      found.push({ kind: 'add', text, before: null, after: after++ });
      leftAfter--;
    } else if (line.startsWith('-')) {
      found.push({ kind: 'del', text, before: before++, after: null });
      leftBefore--;
    } else {
      found.push({ kind: 'context', text, before: before++, after: after++ });
      leftBefore--;
      leftAfter--;
    }
  }
  return { hunk: { header, lines: found }, next: index };
}

const generated =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|composer\.lock|Gemfile\.lock)$|\.min\.(js|css)$|\.map$/;
/** Files with more changed lines than this start folded. */
const largeFile = 500;

export function startsFolded(file: PatchFile): boolean {
  return file.isBinary || generated.test(file.path) || file.additions + file.deletions > largeFile;
}
