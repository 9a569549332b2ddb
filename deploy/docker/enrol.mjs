// Makes an enrolment with the key of the orchestrator's data folder, for a worker beside it: node enrol.mjs FILE
// The worker uses it up once and has a token of its own from then on, so that each start may leave a new one.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const url = process.env.WORKER_URL ?? 'http://127.0.0.1:4870';
const key = readFileSync(process.env.ADMIN_KEY_FILE ?? '/data/admin.key', 'utf8').trim();
if (file === undefined) throw new Error('Say where the enrolment token goes: node enrol.mjs FILE');

const answer = await fetch(`${url}/api/v1/enrolments`, {
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: '{}',
});
if (!answer.ok) throw new Error(`${url} gave no enrolment: ${answer.status} ${await answer.text()}`);
const { token } = await answer.json();
// Whole or not at all: the worker may be reading it.
writeFileSync(`${file}.next`, token, { mode: 0o600 });
renameSync(`${file}.next`, file);
