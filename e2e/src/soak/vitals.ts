// What the programs of a soak said of themselves, as series over time. See probe.mjs. Pure.
import type { Message } from '../program.js';
import type { Point } from '../statistics.js';

/** A process that starts takes more and more for a while; that is no leak. */
const warmUpMs = 60_000;
const hourMs = 3_600_000;

type Vital = 'residentMb' | 'heapMb' | 'delayMs' | 'busyPercent';

/** One series per life of a program: hours, and megabytes, milliseconds or percent. */
export type Vitals = Readonly<Record<Vital, readonly (readonly Point[])[]>>;

/** A program as it was started, and what it said until its end. */
interface Life {
  readonly main: string;
  readonly messages: readonly Message[];
}

/** The vitals of every life of the program `main`. */
export function vitalsOf(programs: readonly Life[], main: string): Vitals {
  const lives = programs.filter((program) => program.main === main).map(({ messages }) => grown(messages));
  const seriesOf = (vital: Vital) =>
    lives.map((messages) => messages.map((message) => ({ x: Number(message.at) / hourMs, y: Number(message[vital]) })));
  return {
    residentMb: seriesOf('residentMb'),
    heapMb: seriesOf('heapMb'),
    delayMs: seriesOf('delayMs'),
    busyPercent: seriesOf('busyPercent'),
  };
}

/** What was said after the warm-up. */
function grown(messages: readonly Message[]): Message[] {
  const vitals = messages.filter(({ type }) => type === 'vitals');
  const from = Number(vitals[0]?.at) + warmUpMs;
  return vitals.filter(({ at }) => Number(at) >= from);
}
