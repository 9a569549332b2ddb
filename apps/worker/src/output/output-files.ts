// The files that a child has as its stdout and stderr, and how they are kept small.
import type { EventBody } from '@corch/contract';
import type { RunFolder } from '../run-folder.js';
import type { Emptied } from './follow-file.js';

/** What one file may hold that is not given up. Of what is told of it, the spool keeps less than half. */
const maxFileBytes = 500_000_000;

export type OutputStream = 'stdout' | 'stderr';

export interface OutputFile {
  readonly path: string;
  /** What is before was given up. */
  readonly emptiedTo: number;
  readonly maxBytes: number;
  /** Notes on disk that the file may hold nothing before `to`. */
  readonly noteEmptied: (to: number) => Promise<void>;
}

export type OutputFiles = Readonly<Record<OutputStream, OutputFile>>;

/** The two files in a run folder. */
export function outputFiles(folder: RunFolder, maxBytes = maxFileBytes): OutputFiles {
  const file = (stream: OutputStream): OutputFile => ({
    path: folder.file(`${stream}.log`),
    emptiedTo: folder.state.emptied[stream],
    maxBytes,
    noteEmptied: (to) => folder.saveState({ emptied: { ...folder.state.emptied, [stream]: to } }),
  });
  return { stdout: file('stdout'), stderr: file('stderr') };
}

/** The mark in the transcript where a file was emptied. */
export function emptiedMark(stream: OutputStream, { unread }: Pick<Emptied, 'unread'>): EventBody {
  if (unread === null) {
    const text = `A program opened /dev/${stream} anew, which empties it; what was printed just before may be missing.`;
    return { type: 'gap', text };
  }
  const what = unread === 0 ? 'what was printed just then may be missing' : `${unread} bytes of it are missing here`;
  return { type: 'gap', text: `The file of ${stream} had grown too large and was emptied; ${what}.`, bytes: unread };
}
