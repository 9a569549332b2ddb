import { protocolVersion } from './worker.js';
import { version } from './version.js';

/** What decides whether two programs of the product understand each other. */
export interface Release {
  /** `1.4.2`; what stands behind the numbers does not count. */
  readonly version: string;
  readonly protocol: number;
}

/** This program's own. */
export const ownRelease: Release = { version, protocol: protocolVersion };

/** Who has to be renewed before a worker and an orchestrator may work together, said as a sentence with the next step. */
export interface Incompatibility {
  readonly outdated: 'worker' | 'orchestrator';
  readonly message: string;
  readonly hint: string;
}

/**
 * Whether a worker may work for an orchestrator: they speak the same protocol and are of the same major version, at most one minor
 * version apart. Null when they may.
 */
export function compatibility(worker: Release, orchestrator: Release): Incompatibility | null {
  const [ours, theirs] = [parse(worker.version), parse(orchestrator.version)];
  const isClose = ours !== null && theirs !== null && ours.major === theirs.major && distance(ours, theirs) <= 1;
  if (worker.protocol === orchestrator.protocol && isClose) return null;
  const isWorkerOld = isOlder(worker, orchestrator);
  const [outdated, older, newer] = isWorkerOld
    ? (['worker', worker, orchestrator] as const)
    : (['orchestrator', orchestrator, worker] as const);
  const why =
    worker.protocol === orchestrator.protocol
      ? 'only versions that are at most one minor version apart work together'
      : `they speak different protocols (${worker.protocol} and ${orchestrator.protocol})`;
  return {
    outdated,
    message: `The worker is version ${worker.version} and the orchestrator ${orchestrator.version}: ${why}.`,
    hint: `Bring the ${outdated} from version ${older.version} to ${newer.version}.`,
  };
}

interface Numbers {
  readonly major: number;
  readonly minor: number;
}

/** Null for a text that begins with no version, which then counts as older than any. */
function parse(text: string): Numbers | null {
  const [, major, minor] = /^v?(\d{1,9})\.(\d{1,9})(?:\.|$)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor) };
}

function distance(a: Numbers, b: Numbers): number {
  return Math.abs(a.minor - b.minor);
}

/** The protocol decides before the version: a number that was raised is what they stumble over. */
function isOlder(worker: Release, orchestrator: Release): boolean {
  if (worker.protocol !== orchestrator.protocol) return worker.protocol < orchestrator.protocol;
  const [ours, theirs] = [parse(worker.version), parse(orchestrator.version)];
  if (ours === null || theirs === null) return ours === null;
  return ours.major === theirs.major ? ours.minor < theirs.minor : ours.major < theirs.major;
}
