// A process that fetches a mirror ten times at once, as a worker with ten runs does: MIRRORS SOURCE ALLOWED.
import { Git } from '../workspace/git.js';
import { Mirrors } from '../workspace/mirrors.js';

const [root = '', path = '', allowed = ''] = process.argv.slice(2);
const mirrors = new Mirrors(new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' }), root);
const request = { source: { path }, allow: [allowed], signal: new AbortController().signal };
const fetched = await Promise.all(Array.from({ length: 10 }, () => mirrors.fetch(request)));
process.stdout.write(fetched.map(({ commit }) => `${commit}\n`).join(''));
