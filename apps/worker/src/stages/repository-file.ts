// `.corch.yaml`: what a repository says about work on it. It is read from the commit that the run begins at, so that a run does not
// choose its own checks; what it changes there counts once it is merged.
import { CommitOptions, nearest, RepositoryFile, repositoryFileName } from '@corch/contract';
import { parse, YAMLParseError } from 'yaml';
import type { Workspace } from '../workspace.js';
import type { Git } from '../workspace/git.js';
import { WorkspaceError } from '../workspace/workspace-error.js';

/** Thirty-two commands of each kind fit well; what is larger is no such file. */
const maxFileBytes = 200_000;

/** What the file says. */
export interface ReadRepositoryFile {
  readonly file: RepositoryFile;
  /** What it says that nobody understands, as sentences. */
  readonly warnings: readonly string[];
}

const nothing: ReadRepositoryFile = { file: {}, warnings: [] };

/**
 * Reads the file of the commit that `workspace` began at.
 *
 * @throws WorkspaceError with one clear sentence when it is not valid, or the abort reason of the signal
 */
export async function readRepositoryFile(
  git: Git,
  { folder, mirror, baseCommit }: Pick<Workspace, 'folder' | 'mirror' | 'baseCommit'>,
  signal: AbortSignal,
): Promise<ReadRepositoryFile> {
  if (baseCommit === null) return nothing;
  // The mirror is out of reach of whoever works in the workspace.
  const options = { cwd: mirror ?? folder, signal, env: { GIT_NO_REPLACE_OBJECTS: '1' } };
  const listed = await git.ask(['ls-tree', '-l', '-z', baseCommit, '--', repositoryFileName], options);
  if (listed === null) throw invalid(`the commit ${baseCommit.slice(0, 12)} could not be read`);
  const [, mode, type, object, size] = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(listed) ?? [];
  if (object === undefined) return nothing;
  if (type !== 'blob' || !mode?.startsWith('100')) throw invalid('it is a link or a folder. Make it a file');
  if (Number(size) > maxFileBytes) throw invalid(`it has ${size} bytes; at most ${maxFileBytes} are read`);
  const text = await git.ask(['cat-file', 'blob', object], options);
  if (text === null) throw invalid('it could not be read');
  return parseRepositoryFile(text);
}

/**
 * Understands the text of the file.
 *
 * @throws WorkspaceError with one clear sentence when it is not valid
 */
export function parseRepositoryFile(text: string): ReadRepositoryFile {
  const value = parseYaml(text);
  if (value === null || value === undefined) return nothing;
  if (!isMap(value)) throw invalid('it must hold names and values, such as `checks: [npm test]`');
  const warnings: string[] = [];
  const known = withoutUnknown(value, warnings);
  const result = RepositoryFile.safeParse(known);
  if (result.success) return { file: result.data, warnings };
  const wrong = result.error.issues.map(({ path, code, message }) => {
    const isStep = code === 'invalid_union' && path.length > 1;
    const what = isStep ? 'must be a command (one line, or a list of words), or have a `command`' : message;
    return `\`${pathText(path)}\`: ${what}`;
  });
  throw invalid(wrong.slice(0, 5).join('; '));
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const [line] = error instanceof YAMLParseError ? (error.linePos ?? []) : [];
    const [what = ''] = error.message.split(/ at line \d+|\n/);
    throw invalid(`${line === undefined ? '' : `line ${line.line}: `}${what}`);
  }
}

const stepKeys = ['name', 'command'];
const fileKeys = Object.keys(RepositoryFile.shape);
const commitKeys = Object.keys(CommitOptions.shape);
const deliveryKeys = Object.keys(RepositoryFile.shape.delivery.unwrap().shape);

type Entries = Readonly<Record<string, unknown>>;

/** Leaves out the keys that are not known: a newer program may know them. */
function withoutUnknown(file: Entries, warnings: string[]): Entries {
  const step = (name: string) => (value: unknown, index: number) =>
    isMap(value) ? pick(value, stepKeys, `${name}[${index}].`, warnings) : value;
  return Object.fromEntries(
    Object.entries(pick(file, fileKeys, '', warnings)).map(([name, value]) => {
      if (name === 'commit' && isMap(value)) return [name, pick(value, commitKeys, 'commit.', warnings)];
      if (name === 'delivery' && isMap(value)) return [name, pick(value, deliveryKeys, 'delivery.', warnings)];
      return [name, Array.isArray(value) ? value.map(step(name)) : value];
    }),
  );
}

function pick(map: Entries, known: readonly string[], path: string, warnings: string[]): Entries {
  const isKnown = ([key]: [string, unknown]) => known.includes(key);
  for (const [key] of Object.entries(map).filter((entry) => !isKnown(entry))) {
    const like = nearest(key, known);
    const hint = like === undefined ? `Known are ${known.join(', ')}.` : `Do you mean \`${path}${like}\`?`;
    warnings.push(`\`${path}${key}\` in ${repositoryFileName} is not known and was left out. ${hint}`);
  }
  return Object.fromEntries(Object.entries(map).filter(isKnown));
}

function isMap(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function invalid(why: string): WorkspaceError {
  return new WorkspaceError(
    'workspace_failed',
    `The file ${repositoryFileName} of the repository cannot be used: ${why}. Mend it in the repository and retry.`,
  );
}
