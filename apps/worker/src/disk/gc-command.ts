// `worker gc`: makes room on this machine, also beside a running worker.
import { sizeText } from '@corch/contract';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { WorkerConfig } from '../config.js';
import { foldersOf } from '../folders.js';
import { Git } from '../workspace/git.js';
import { collect, type Collected } from './collect.js';
import { sizeOnDisk } from './disk-usage.js';

export interface GcFlags {
  readonly dryRun?: boolean;
  readonly unkept?: boolean;
  readonly json?: boolean;
}

/** A row of the answer, with its size as it was before; null when that cannot be told. */
export interface SizedRow extends Collected {
  readonly bytes: number | null;
}

const words: Record<Collected['verdict'], string> = {
  used: 'stays: in use',
  recent: 'stays: used a short time ago',
  unkept: 'stays',
  removed: 'removed',
};

/** Removes what is proved to be kept elsewhere, and says what it did. */
export async function collectHere(config: WorkerConfig, flags: GcFlags, signal: AbortSignal): Promise<SizedRow[]> {
  const { dir } = config;
  if ((await stat(dir).catch(() => null)) === null) return [];
  const git = new Git(config.environment);
  const folders = foldersOf(dir);
  const base = { git, dir, folders, inUse: new Set<string>(), limits: { keepDays: 0, keep: 0 }, signal };
  const how = { ...base, unkept: flags.unkept === true, now: Date.now() };
  const planned = await collect({ ...how, dryRun: true });
  const sizes = new Map<string, number | null>();
  for (const { path } of planned) sizes.set(path, await sizeOnDisk(path));
  const rows = flags.dryRun === true ? planned : await collect({ ...how, dryRun: false });
  return rows.map((row) => ({ ...row, bytes: sizes.get(row.path) ?? null }));
}

/** What `gc` prints. */
export function gcText(dir: string, rows: readonly SizedRow[], flags: GcFlags): string {
  if (flags.json === true) return `${JSON.stringify({ dir, rows })}\n`;
  const isDry = flags.dryRun === true;
  const lines = rows.map(({ kind, path, verdict, why, bytes }) => {
    const word = isDry && verdict === 'removed' ? 'would be removed' : words[verdict];
    const size = bytes === null ? '—' : sizeText(bytes);
    return `${size.padStart(8)}  ${kind} ${basename(path)}  ${word}${why === null ? '' : `: ${why}`}`;
  });
  const gone = rows.filter(({ verdict }) => verdict === 'removed');
  const sum = sizeText(gone.reduce((total, { bytes }) => total + (bytes ?? 0), 0));
  const hasUnkept = rows.some(({ verdict }) => verdict === 'unkept');
  const end = [
    `${dir}: ${isDry ? `${sum} can be freed` : `${sum} freed`}.`,
    ...(hasUnkept ? ['What would be lost stays. Look into it, then remove it with --unkept.'] : []),
  ];
  return `${[...lines, ...end].join('\n')}\n`;
}
