// As much of a worker as containment needs, as a process of its own that a test can kill: holds one run and waits.
import { join } from 'node:path';
import { startProgram } from '../claude/claude-process.js';
import { Containment } from '../process-tree/containment.js';
import { containmentModes } from '../process-tree/containment-mode.js';

const [, , wanted, runId = '', folder = '', script = ''] = process.argv;
const mode = containmentModes.find((name) => name === wanted) ?? 'auto';
const containment = await Containment.open(mode);
await containment.guard();
const processes = containment.forRun(runId);
const env = { PATH: '/usr/local/bin:/usr/bin:/bin', CORCH_RUN_ID: runId };
const child = await startProgram(
  { path: '/bin/sh', args: ['-c', script], cwd: folder, env },
  { stdoutFile: join(folder, 'out'), stderrFile: join(folder, 'err'), input: false, entry: await processes.prepare() },
);
processes.follow(child.pid);
process.on('message', () => {
  void processes
    .sweep()
    .then(() => containment.close())
    .then(() => process.disconnect());
});
process.send?.('started');
