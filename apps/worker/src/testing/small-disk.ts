// A process that makes a workspace of each repository that it is given, on a disk that is too small for some of them, and prints what
// came of each: DISK, then paths. It stands in a mount namespace of its own.
import { RunSpec } from '@corch/contract';
import { join } from 'node:path';
import { messageOf } from '../error-facts.js';
import { prepareWorkspace } from '../workspace.js';
import { Git } from '../workspace/git.js';
import { Mirrors } from '../workspace/mirrors.js';

const [disk = '', ...paths] = process.argv.slice(2);
const git = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });
const tools = { git, mirrors: new Mirrors(git, join(disk, 'mirrors')) };
for (const path of paths) {
  const run = { spec: RunSpec.parse({ prompt: 'x', repository: { path } }), branch: 'corch/small' };
  const access = { allow: [path], signal: new AbortController().signal };
  const made = prepareWorkspace(tools, run, join(disk, 'workspace'), access);
  process.stdout.write(`${await made.then(() => 'made', messageOf)}\n`);
}
