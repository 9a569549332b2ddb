// Named moments between two steps that a crash can come between. A test holds the process there, or ends it; without the
// folder of CORCH_RACE_POINTS, which nothing but a test may set, each is an empty function.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * `workspace.made`: its files are there, and nothing on disk says so. `run.spawned`: the child runs. `result.seen`: Claude said its
 * result, and nothing on disk says yet that the run ended. `command.ended`: a command has ended, and only that is on disk.
 * `round.begun`: a failed check is to be sent back, and nothing was sent. `change.read`: patch and commit are made, and nothing says
 * so. `completion.saved`: how the run ended is on disk and was not sent. `file.uploaded`: one file of the change is kept.
 * `delivery.pushed`: a branch was moved. `delivery.opened`: there is a pull request.
 */
export type RacePoint =
  | 'workspace.made'
  | 'run.spawned'
  | 'result.seen'
  | 'command.ended'
  | 'round.begun'
  | 'change.read'
  | 'completion.saved'
  | 'file.uploaded'
  | 'delivery.pushed'
  | 'delivery.opened';

const lookMs = 10;
const goOn = Promise.resolve();
let reach: (point: RacePoint) => Promise<void> = () => goOn;

/** Goes on at once, unless a test wants something here. */
export function racePoint(point: RacePoint): Promise<void> {
  return reach(point);
}

/**
 * Takes orders from files of `folder` that are named like a point. Whoever reaches the point first renames its file to
 * `POINT.reached`; `kill` in it ends this process on the spot, `hold` keeps it there until the renamed file is gone.
 */
export function armRacePoints(folder: string | undefined): void {
  if (folder === undefined) return;
  reach = async (point) => {
    const reached = `${folder}/${point}.reached`;
    try {
      renameSync(`${folder}/${point}`, reached);
    } catch {
      return; // Nobody asked for it.
    }
    if (readFileSync(reached, 'utf8') === 'kill') process.kill(process.pid, 'SIGKILL');
    while (existsSync(reached)) await delay(lookMs);
  };
}
