// A process that makes one workspace for each line that it reads, and prints for each how many milliseconds it took:
// MIRRORS URL, then lines with the folder of a workspace. For benches.
import { RunSpec } from '@corch/contract';
import { createInterface } from 'node:readline';
import { prepareWorkspace } from '../workspace.js';
import { Git } from '../workspace/git.js';
import { Mirrors } from '../workspace/mirrors.js';

const [root = '', url = ''] = process.argv.slice(2);
const git = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });
const tools = { git, mirrors: new Mirrors(git, root) };
const spec = RunSpec.parse({ prompt: 'x', repository: { url } });
for await (const folder of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  const access = { allow: [], signal: new AbortController().signal };
  await prepareWorkspace(tools, { spec, branch: 'corch/bench' }, folder, access);
  process.stdout.write(`${performance.now() - begin}\n`);
}
