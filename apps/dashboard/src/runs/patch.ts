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
  /** Lines of all hunks, with their headers. */
  readonly lineCount: number;
  readonly hunks: readonly Hunk[];
}

/** Reads the output of `git diff` (with or without `--binary`). Lines it does not know are skipped. */
export function parsePatch(text: string): PatchFile[] {
  // Not by `^`, which begins a line behind a carriage return, too.
  const starts = [...`\n${text}`.matchAll(/\ndiff --git /g)].map(({ index }) => index);
  return starts.map((start, index) => parseFile(text.slice(start, (starts[index + 1] ?? Infinity) - 1)));
}

/** The lines of a file are read when they are looked at, since a change may have 50,000 of them; here they are only counted. */
function parseFile(text: string): PatchFile {
  const headEnd = text.indexOf('\n@@ ');
  const head = readHead((headEnd === -1 ? text : text.slice(0, headEnd)).split('\n'));
  const body = headEnd === -1 ? '' : text.slice(headEnd + 1);
  let hunks: Hunk[] | undefined;
  return {
    ...head,
    ...countLines(body),
    get hunks() {
      return (hunks ??= parseHunks(body));
    },
  };
}

/** The lines between `diff --git` and the first hunk. */
function readHead(lines: readonly string[]): Pick<PatchFile, 'path' | 'from' | 'change' | 'isBinary'> {
  const facts = new Map<string, string>();
  let isBinary = false;
  for (const line of lines.slice(1)) {
    if (line.startsWith('GIT binary patch') || line.startsWith('Binary files ')) {
      isBinary = true;
      break;
    }
    const fact =
      /^(---|\+\+\+|rename from|rename to|copy from|copy to|new file mode|deleted file mode|old mode) (.*)$/.exec(line);
    if (fact !== null) facts.set(fact[1]!, fact[2]!);
  }
  const sides = diffSides(lines[0]!);
  const after = sidePath(facts.get('+++')) ?? sides.after;
  const before = sidePath(facts.get('---')) ?? sides.before;
  const renamedFrom = facts.get('rename from');
  const copiedFrom = facts.get('copy from');
  if (renamedFrom !== undefined) {
    return { isBinary, change: 'renamed', from: unquote(renamedFrom), path: unquote(facts.get('rename to') ?? after) };
  }
  if (copiedFrom !== undefined) {
    return { isBinary, change: 'copied', from: unquote(copiedFrom), path: unquote(facts.get('copy to') ?? after) };
  }
  if (facts.has('new file mode')) return { isBinary, change: 'added', from: null, path: after };
  if (facts.has('deleted file mode')) return { isBinary, change: 'deleted', from: null, path: before };
  const isModeOnly = facts.has('old mode') && !facts.has('+++') && !isBinary;
  return { isBinary, change: isModeOnly ? 'mode' : 'modified', from: null, path: after };
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

/** Where a hunk begins on both sides, and how many lines of each follow its header. */
function readHeader(header: string): { before: number; after: number; leftBefore: number; leftAfter: number } {
  const counts = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(header);
  if (counts === null) return { before: 0, after: 0, leftBefore: 0, leftAfter: 0 };
  const [, before, leftBefore = 1, after, leftAfter = 1] = counts;
  return {
    before: Number(before),
    after: Number(after),
    leftBefore: Number(leftBefore),
    leftAfter: Number(leftAfter),
  };
}

function countLines(body: string): Pick<PatchFile, 'additions' | 'deletions' | 'lineCount'> {
  let additions = 0;
  let deletions = 0;
  let lineCount = 0;
  let leftBefore = 0;
  let leftAfter = 0;
  for (let at = 0, end: number; at < body.length; at = end + 1) {
    const found = body.indexOf('\n', at);
    end = found === -1 ? body.length : found;
    const sign = body[at];
    if (leftBefore <= 0 && leftAfter <= 0) {
      if (!body.startsWith('@@ ', at)) continue;
      ({ leftBefore, leftAfter } = readHeader(body.slice(at, end)));
    } else if (sign === '+') {
      additions++;
      leftAfter--;
    } else if (sign === '-') {
      deletions++;
      leftBefore--;
    } else if (sign !== '\\') {
      leftBefore--;
      leftAfter--;
    }
    lineCount++;
  }
  return { additions, deletions, lineCount };
}

function parseHunks(body: string): Hunk[] {
  const lines = body.split('\n');
  const hunks: Hunk[] = [];
  for (let index = 0; index < lines.length;) {
    if (!lines[index]!.startsWith('@@ ')) {
      index++;
      continue;
    }
    const { hunk, next } = parseHunk(lines, index);
    hunks.push(hunk);
    index = next;
  }
  return hunks;
}

function parseHunk(lines: readonly string[], start: number): { hunk: Hunk; next: number } {
  const header = lines[start]!;
  // The counts say where the hunk ends, so a changed line that looks like a header is still a line.
  let { before, after, leftBefore, leftAfter } = readHeader(header);
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
