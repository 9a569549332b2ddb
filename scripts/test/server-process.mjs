// A server program that a test run starts for itself: ready when its log says so, and never left behind.

/**
 * @typedef {object} ServerProcess
 * @property {() => Promise<void>} start starts it again after its end
 * @property {(signal: NodeJS.Signals) => void} send
 * @property {(signal: NodeJS.Signals) => Promise<void>} end sends the signal and waits for its end, unless it has ended
 * @property {() => Promise<void>} close ends it for good
 */

/**
 * @param {string} name for the error
 * @param {() => import('node:child_process').ChildProcess} launch with its log on stdout or stderr
 * @param {string} readySign what the log says when it takes connections
 * @param {NodeJS.Signals} last ends it for good, also when this process ends before
 * @returns {Promise<ServerProcess>} when it takes connections
 */
export async function startServer(name, launch, readySign, last) {
  let server = launch();
  await ready(name, server, readySign);
  const stopNow = () => void server.kill(last);
  process.once('exit', stopNow);
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  };
  return {
    async start() {
      server = launch();
      await ready(name, server, readySign);
    },
    send: (signal) => void server.kill(signal),
    end,
    async close() {
      process.off('exit', stopNow);
      await end(last);
    },
  };
}

/**
 * @param {string} name
 * @param {import('node:child_process').ChildProcess} server
 * @param {string} readySign
 * @returns {Promise<void>}
 */
function ready(name, server, readySign) {
  return new Promise((resolve, reject) => {
    let log = '';
    const onExit = () => reject(new Error(`${name} did not start:\n${log}`));
    const onData = (/** @type {unknown} */ chunk) => {
      log = (log + String(chunk)).slice(-10_000);
      if (!log.includes(readySign)) return;
      server.off('exit', onExit);
      resolve();
    };
    server.once('error', reject);
    server.once('exit', onExit);
    server.stdout?.on('data', onData);
    server.stderr?.on('data', onData);
  });
}
