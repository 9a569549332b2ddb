// `node dist/main.js [--port N] [--scripts file.json]`: the scripted model as a program of its own.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Scripts } from './scenario.js';
import { demoScripts } from './scenarios/demo.js';
import { startScriptedModel } from './server.js';

try {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, scripts: { type: 'string' } } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be a number from 0 to 65535, got "${values.port}".`);
  }
  const own = values.scripts === undefined ? {} : Scripts.parse(JSON.parse(readFileSync(values.scripts, 'utf8')));
  const model = await startScriptedModel({ port, scripts: { ...demoScripts, ...own } });
  // Before the line: whoever reads it may stop the program at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void model.close());
  process.stdout.write(JSON.stringify({ listening: model.url }) + '\n');
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The scripted model did not start: ${reason}\n`);
  process.stderr.write('Usage: node dist/main.js [--port N] [--scripts file.json]\n');
  process.exitCode = 2;
}
