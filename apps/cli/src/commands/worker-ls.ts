import { sizeText, type Login, type Worker } from '@corch/contract';
import type { Context } from '../context.js';
import { printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import { holdText, modeText } from '../format/worker.js';
import type { Output } from '../output.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('-w, --wide', 'also machine, versions and labels')
    .action((flags: { wide?: boolean }) => invocation.run((context) => list(context, flags.wide === true)));
};

async function list(context: Context, isWide: boolean): Promise<void> {
  const { output } = context;
  const { data } = await (await context.client()).listWorkers();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ id }) => output.data(id));
  if (data.length === 0) {
    output.note(`No workers yet. Start one here: ${context.commandLine('worker start')}`);
    return output.note(`Add one on another machine: ${context.commandLine('worker enrol')}`);
  }
  const now = Date.now();
  const hasModes = !output.isTty || data.some(({ mode }) => mode !== 'active');
  const more = isWide || !output.isTty ? machineColumns : [];
  await printTable(output, [...columns(output, now, hasModes), ...more], data);
  for (const worker of data) {
    for (const trouble of troublesOf(worker, context, now)) output.note(`${worker.name}: ${trouble}`);
  }
}

/** What keeps a worker from taking work, one sentence each. */
function troublesOf(worker: Worker, context: Context, now: number): string[] {
  const { claude, trouble, outdated } = worker;
  const hold = holdText(worker, now, context.commandLine);
  return [
    ...(outdated === null ? [] : [`takes nothing new: ${oneLine(outdated)}`]),
    ...(claude.problem === null ? [] : [context.localise(oneLine(claude.problem))]),
    ...(trouble === null ? [] : [`takes nothing new: ${context.localise(oneLine(trouble))}`]),
    ...(hold === undefined ? [] : [hold]),
  ];
}

function columns({ color }: Output, now: number, hasModes: boolean): Column<Worker>[] {
  const mode: Column<Worker> = {
    title: 'MODE',
    cell: (worker) => (worker.mode === 'active' ? 'active' : color.yellow(modeText(worker, now))),
    raw: (worker) => worker.mode,
  };
  const slots = ({ running, capacity }: Worker) => `${running.length}/${capacity}`;
  return [
    { title: 'NAME', flexible: true, cell: ({ name }) => name, raw: ({ name }) => name },
    {
      title: 'STATE',
      cell: ({ state }) => (state === 'online' ? color.green('● online') : color.red('○ offline')),
      raw: ({ state }) => state,
    },
    ...(hasModes ? [mode] : []),
    { title: 'SLOTS', cell: slots, raw: slots },
    { title: 'POOLS', cell: ({ pools }) => pools.join(','), raw: ({ pools }) => pools.join(',') },
    { title: 'CLAUDE', cell: ({ claude }) => claude.version ?? '—', raw: ({ claude }) => claude.version ?? '' },
    { title: 'LOGIN', cell: ({ login }) => loginText(login), raw: ({ login }) => login.kind },
    { title: 'DISK', cell: ({ disk }) => (disk ? sizeText(disk.freeBytes) : '—'), raw: freeBytes },
    {
      title: 'SEEN',
      cell: ({ lastSeenAt }) => relativeTime(lastSeenAt, now),
      raw: ({ lastSeenAt }) => lastSeenAt,
    },
    { title: 'ID', cell: ({ id }) => id.slice(-6), raw: ({ id }) => id },
  ];
}

function freeBytes({ disk }: Worker): string {
  return disk === null ? '' : String(disk.freeBytes);
}

/** A size that is measured now and then, or a dash. */
const taken = (title: string, bytesOf: (disk: NonNullable<Worker['disk']>) => number | undefined): Column<Worker> => {
  const bytes = ({ disk }: Worker) => (disk === null ? undefined : bytesOf(disk));
  const text = (value: number | undefined) => (value === undefined ? '—' : sizeText(value));
  return { title, cell: (worker) => text(bytes(worker)), raw: (worker) => String(bytes(worker) ?? '') };
};

/** What `--wide` adds. */
const machineColumns: Column<Worker>[] = [
  taken('WORKSPACES', ({ workspacesBytes }) => workspacesBytes),
  taken('MIRRORS', ({ mirrorsBytes }) => mirrorsBytes),
  { title: 'HOST', cell: ({ host }) => oneLine(host), raw: ({ host }) => oneLine(host) },
  { title: 'OS', cell: ({ os, arch }) => `${os} ${arch}`, raw: ({ os, arch }) => `${os} ${arch}` },
  { title: 'VERSION', cell: ({ version }) => oneLine(version), raw: ({ version }) => oneLine(version) },
  { title: 'NODE', cell: ({ nodeVersion }) => oneLine(nodeVersion), raw: ({ nodeVersion }) => oneLine(nodeVersion) },
  { title: 'LABELS', cell: ({ labels }) => labels.join(',') || '—', raw: ({ labels }) => labels.join(',') },
];

const kinds: Record<Login['kind'], string> = {
  none: 'not signed in',
  api_key: 'API key',
  auth_token: 'auth token',
  oauth_token: 'OAuth token',
  stored: 'signed in',
  cloud_provider: 'cloud provider',
  demo: 'demo',
};

/** A login in words, with the label that a person recognises it by. */
export function loginText({ kind, label }: Login): string {
  return label === null || label === '' ? kinds[kind] : `${kinds[kind]} (${oneLine(label)})`;
}
