// A SIGTERM sent to npm ends npm and its shell, but never reaches the program that they started.

const CHECK_EVERY_MS = 500;

/** Under `npm start`, stops this process like a SIGTERM when npm is gone. A system without an owner would keep its port. */
export function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, CHECK_EVERY_MS);
  timer.unref();
}
