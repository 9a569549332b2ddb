// Loaded into a program by `--import`: its wall clock differs from the real one by the milliseconds in the file
// CLOCK_SHIFT_FILE, read anew at each look, so that a test can set the clock while the program runs. Timers and the
// monotonic clock go on as they are, as on a machine whose clock is set.
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_SHIFT_FILE ?? '';
const now = Date.now;
const shifted = () => {
  try {
    return now() + Number(readFileSync(file, 'utf8'));
  } catch {
    return now();
  }
};

globalThis.Date = class extends Date {
  /** @param {[] | [number | string | Date]} values */
  constructor(...values) {
    super(...(values.length === 0 ? [shifted()] : values));
  }

  static now() {
    return shifted();
  }
};
