// The end of a test run: what was started is stopped, and the last line says how it went.

/** @typedef {import('./steps.mjs').Result} Result */

/** @type {(() => Promise<void>)[]} */
const stops = [];

/** @param {() => Promise<void>} stop called once, at the end or on a signal; what was started last stops first */
export function onStop(stop) {
  stops.push(stop);
}

async function stopAll() {
  for (const stop of stops.splice(0).reverse()) await stop();
}

for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])) {
  process.once(signal, () => void stopAll().finally(() => process.exit(code)));
}

/** @param {Result[]} results */
function printResults(results) {
  for (const { name, failures = [], secondTries = [] } of results) {
    for (const failure of secondTries) console.log(`\n≈ ${name}, at the second try only: ${failure}`);
    for (const failure of failures) console.log(`\n✗ ${name}: ${failure}`);
  }
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log('');
  for (const { name, passed, failed, skipped, secondTries = [], took, isLeftOut } of results) {
    if (isLeftOut) {
      console.log(`– ${name.padEnd(width)}  not run: the steps before took too long`);
      continue;
    }
    const mark = failed > 0 ? '✗' : '✓';
    const counts = [
      `${passed} passed`,
      secondTries.length > 0 && `${secondTries.length} of them at the second try`,
      failed > 0 && `${failed} failed`,
      skipped > 0 && `${skipped} skipped`,
    ];
    console.log(`${mark} ${name.padEnd(width)}  ${took.padStart(6)}  ${counts.filter(Boolean).join(', ')}`);
  }
  console.log('');
}

/**
 * Stops everything, prints the table and the sum alone on its line and ends the process.
 * @param {Result[]} results
 * @returns {Promise<never>}
 */
export async function endWith(results) {
  await stopAll();
  printResults(results);
  const sum = (/** @type {'passed' | 'failed'} */ key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exit(sum('failed') > 0 ? 1 : 0);
}
