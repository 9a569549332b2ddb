// The witness: a file outside everything that the product keeps, in which the work itself writes down what it does. What the
// orchestrator says is held against it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Prints numbered lines and notes each one after it was printed, so that what is noted was certainly said. */
const script = `# FILE LINES PAUSE STRAYS CODE
file=$1 lines=$2 pause=$3 strays=$4 code=$5
execution="$(date +%s%N)-$$"
note() { echo "$(date +%s%3N) $CORCH_RUN_ID $execution $1 $PWD" >> "$file"; }
note start
if [ "$strays" = 1 ]; then
  # Four ways to get away; each would live for ten minutes.
  sleep 600 > /dev/null 2>&1 < /dev/null &
  setsid sleep 600 > /dev/null 2>&1 < /dev/null &
  nohup sleep 600 > /dev/null 2>&1 < /dev/null &
  sh -c '(setsid sh -c "sleep 600" &) &' > /dev/null 2>&1 < /dev/null
fi
n=1
while [ "$n" -le "$lines" ]; do
  echo "$execution $n"
  note "$n"
  sleep "$pause"
  n=$((n + 1))
done
note end
exit "$code"
`;

export interface WitnessOptions {
  readonly lines: number;
  readonly pauseSeconds: number;
  /** Leaves processes behind that try to outlive the run. */
  readonly strays?: boolean;
  readonly code?: number;
}

/** The file and the program that writes to it. */
export class Witness {
  readonly file: string;
  private readonly program: string;

  constructor(folder: string) {
    this.file = join(folder, 'witness.txt');
    this.program = join(folder, 'witness.sh');
    writeFileSync(this.file, '');
    writeFileSync(this.program, script);
  }

  command({ lines, pauseSeconds, strays = false, code = 0 }: WitnessOptions): string[] {
    return ['sh', this.program, this.file, String(lines), pauseSeconds.toFixed(2), strays ? '1' : '0', String(code)];
  }

  /** What was written so far, by run. */
  executions(): Map<string, Execution[]> {
    return readExecutions(readFileSync(this.file, 'utf8'));
  }
}

/** One start of the witness program. Times in milliseconds. */
export interface Execution {
  readonly id: string;
  readonly runId: string;
  /** Where it ran, which tells on which worker. */
  readonly folder: string;
  readonly startedAt: number;
  /** When it wrote its last line. */
  readonly lastAt: number;
  /** How many lines it printed at least. */
  readonly lines: number;
  readonly ended: boolean;
}

/** Reads a witness file. The last line may be cut off, as a writer that is killed leaves it. */
export function readExecutions(text: string): Map<string, Execution[]> {
  const found = new Map<string, Execution>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [at, runId, id, word, folder] = line.split(' ');
    if (at === undefined || runId === undefined || id === undefined || word === undefined) continue;
    const before = found.get(id) ?? { id, runId, folder: folder ?? '', startedAt: Number(at), lines: 0, ended: false };
    const lines = /^\d+$/.test(word) ? Number(word) : before.lines;
    found.set(id, { ...before, lines, lastAt: Number(at), ended: word === 'end' });
  }
  const byRun = new Map<string, Execution[]>();
  for (const execution of found.values()) {
    byRun.set(execution.runId, [...(byRun.get(execution.runId) ?? []), execution]);
  }
  return byRun;
}

/** The execution and number of a line that the witness program printed; null when it is none. */
export function readLine(line: string): { id: string; n: number } | null {
  const match = /^(\d+-\d+) (\d+)$/.exec(line);
  return match?.[1] === undefined ? null : { id: match[1], n: Number(match[2]) };
}
