/** A small JavaScript project with one real bug, for the first task a newcomer sees. */
export interface SampleRepository {
  title: string;
  /** What to submit; its marker picks the scenario `clean-fix`. */
  prompt: string;
  /** Contents by path, with forward slashes. */
  files: Readonly<Record<string, string>>;
}

const readme = `# till-roll

Prints the receipt of a small shop. Amounts are whole cents everywhere; only \`formatCents\` turns them into text.

\`\`\`js
import { formatReceipt } from './src/receipt.js';

console.log(formatReceipt([{ name: 'Espresso', cents: 250, count: 2 }]));
\`\`\`

Run the tests with \`npm test\`. There is nothing to install.
`;

const packageJson = `{
  "name": "till-roll",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test"
  }
}
`;

/** The line with the bug; `clean-fix` replaces it. */
export const buggyLine = '  return `${Math.floor(cents / 100)}.${cents % 100}`;';
/** What it should be. */
export const fixedLine = "  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;";

const money = `/** Cents as text: 1250 becomes "12.50". */
export function formatCents(cents) {
  if (!Number.isInteger(cents) || cents < 0) {
    throw new RangeError(\`not an amount in cents: \${cents}\`);
  }
${buggyLine}
}

/** The sum of all lines, in cents. */
export function sumCents(lines) {
  return lines.reduce((sum, line) => sum + line.cents * line.count, 0);
}
`;

const receipt = `import { formatCents, sumCents } from './money.js';

const width = 32;

/** The receipt as text: one line for each article, then the total. */
export function formatReceipt(lines) {
  const rows = lines.map((line) => row(\`\${line.count} x \${line.name}\`, line.cents * line.count));
  return [...rows, '-'.repeat(width), row('Total', sumCents(lines))].join('\\n');
}

function row(label, cents) {
  const amount = formatCents(cents);
  return label.padEnd(width - amount.length) + amount;
}
`;

const moneyTest = `import assert from 'node:assert/strict';
import test from 'node:test';
import { formatCents, sumCents } from '../src/money.js';

test('formats whole and broken amounts', () => {
  assert.equal(formatCents(1250), '12.50');
  assert.equal(formatCents(99), '0.99');
});

test('always prints two digits of cents', () => {
  assert.equal(formatCents(1205), '12.05');
  assert.equal(formatCents(700), '7.00');
});

test('refuses what is no amount', () => {
  assert.throws(() => formatCents(-1), RangeError);
  assert.throws(() => formatCents(0.5), RangeError);
});

test('sums lines', () => {
  assert.equal(sumCents([{ cents: 250, count: 2 }, { cents: 99, count: 1 }]), 599);
});
`;

const receiptTest = `import assert from 'node:assert/strict';
import test from 'node:test';
import { formatReceipt } from '../src/receipt.js';

test('prints a line for each article and the total', () => {
  const text = formatReceipt([
    { name: 'Espresso', cents: 250, count: 2 },
    { name: 'Croissant', cents: 185, count: 1 },
  ]);
  assert.deepEqual(
    text.split('\\n').map((line) => line.replace(/ {2,}/, ' ')),
    ['2 x Espresso 5.00', '1 x Croissant 1.85', '-'.repeat(32), 'Total 6.85'],
  );
});
`;

/** The shipped sample. Its tests fail until `formatCents` is fixed, which the scenario `clean-fix` does. */
export const sampleRepository: SampleRepository = {
  title: 'Fix the amounts on the receipt',
  prompt: 'Receipts print 12.05 as "12.5". Find out why, fix it and run the tests.\n\n[[scenario:clean-fix]]',
  files: {
    'README.md': readme,
    'package.json': packageJson,
    '.gitignore': 'node_modules/\n',
    'src/money.js': money,
    'src/receipt.js': receipt,
    'test/money.test.js': moneyTest,
    'test/receipt.test.js': receiptTest,
  },
};
