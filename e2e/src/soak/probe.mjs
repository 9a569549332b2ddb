// Loaded into a program by `--import`: tells the soak every few seconds how much memory it takes and how its event loop does.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const everyMs = 5000;
/** The histogram holds the time between two looks, of which so much is meant. */
const resolutionMs = 10;

if (isMainThread && process.connected) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { rss, heapUsed } = process.memoryUsage();
    const vitals = {
      type: 'vitals',
      at: Date.now(),
      residentMb: rss / 1e6,
      heapMb: heapUsed / 1e6,
      delayMs: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
      busyPercent: performance.eventLoopUtilization(now, before).utilization * 100,
    };
    before = now;
    delay.reset();
    // Whoever listened may be gone; the program learns that by itself.
    if (process.connected) process.send?.(vitals, () => undefined);
  }, everyMs).unref();
}
