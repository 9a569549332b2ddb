// Calls a handler as Lambda does: node invoke-lambda.mjs HANDLER HURRY. It has 15 minutes, until there is a file HURRY, which says how
// many milliseconds are left. Prints what the handler returned, or ends with what it threw.
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [file, hurry] = process.argv.slice(2);
const end = performance.now() + 900_000;
const context = {
  getRemainingTimeInMillis: () =>
    existsSync(hurry) ? Number(readFileSync(hurry, 'utf8')) : Math.round(end - performance.now()),
};
const { handler } = await import(pathToFileURL(file).href);
process.stdout.write(JSON.stringify(await handler({}, context)));
