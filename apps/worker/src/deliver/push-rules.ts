// What git said when a branch was looked at or pushed. Pure.
import { fetchFailure, lastLines } from '../workspace/git-failure.js';
import type { GitAnswer } from '../workspace/git.js';
import { DeliveryError } from './delivery-error.js';

/** The failure of `git ls-remote` or of a fetch. */
export function readFailed(address: string, answer: GitAnswer, denied: string): DeliveryError {
  const said = lastLines(answer.stderr);
  switch (fetchFailure(answer)) {
    case 'disk_full':
      return diskFull();
    case 'denied':
      return new DeliveryError('delivery_failed', `${address} refused the worker (${said}). ${denied}`);
    case 'missing':
      return new DeliveryError(
        'delivery_failed',
        `There is no repository ${address} any more, or the worker may not see it (${said}). Check the address, then deliver again.`,
      );
    default:
      return new DeliveryError(
        'delivery_delayed',
        `${address} cannot be reached from the worker (${said || `git ended with exit code ${answer.code}`}). It is tried again.`,
      );
  }
}

/** The worker has no room for what it pushes. */
export function diskFull(): DeliveryError {
  const text = 'The disk of the worker is full. Make room (`corch worker gc`); it is tried again.';
  return new DeliveryError('delivery_delayed', text);
}

/** What a server says that had given the branch to somebody else before it came to us. */
const movedMeanwhile = /cannot lock ref|failed to update ref|reference already exists/i;

/** What a server says that has a branch whose name is a folder of the new one's, or the other way round; GitHub's words are the last. */
const inTheWay = /'refs\/heads\/([^']+)' exists; cannot create|directory file conflict/i;

/** The failure of `git push --porcelain`. */
export function pushFailed(address: string, branch: string, answer: GitAnswer, denied: string): DeliveryError {
  const line = answer.stdout.split('\n').find((row) => row.startsWith('!')) ?? '';
  const why = /\((.*)\)\s*$/.exec(line)?.[1] ?? '';
  const failed = (text: string) => new DeliveryError('delivery_failed', text);
  const other = line.includes('[remote rejected]') ? inTheWay.exec(`${answer.stderr}\n${why}`) : null;
  if (other !== null) {
    const what = other[1] === undefined ? 'a branch of the same beginning' : `the branch ${other[1]}`;
    return failed(
      `The branch ${branch} cannot be made on ${address}, as ${what} is in its way: one is named like a folder of the other. Remove or rename that one, or deliver to another branch.`,
    );
  }
  if (line.includes('[rejected]') || movedMeanwhile.test(why)) {
    return failed(
      `The branch ${branch} was moved on ${address} at the same moment (${why}), so nothing was pushed. Look at it, then deliver again.`,
    );
  }
  if (line.includes('[remote rejected]')) {
    const said = [why, remoteWords(answer.stderr)].filter((part) => part !== '').join('; ');
    return failed(
      `${address} does not take the branch ${branch} (${said}). If it is protected, deliver to another branch, or allow the push there.`,
    );
  }
  return readFailed(address, answer, denied);
}

/** Where the branch was found, and nobody of this task has put it there. */
export function foreignBranch(address: string, branch: string, commit: string): DeliveryError {
  return new DeliveryError(
    'delivery_failed',
    `The branch ${branch} on ${address} stands at ${commit.slice(0, 12)}, which did not come from this task, so it was not overwritten. Merge, rename or delete it there, then deliver again.`,
  );
}

/** What the server's own hooks say. */
function remoteWords(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^remote: +(.*\S)/.exec(line)?.[1] ?? []);
  return lines.slice(0, 5).join('; ').slice(0, 500);
}
