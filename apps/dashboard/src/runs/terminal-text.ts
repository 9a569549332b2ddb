const escape = String.fromCharCode(27);
const bell = String.fromCharCode(7);
/** Colours, cursor moves, window titles: what a terminal acts on instead of printing. */
const sequences = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)|[@-Z\\\\^_])`,
  'g',
);

/** Output as a terminal would leave it: without escape sequences, and of a line that overwrote itself only the last state. */
export function terminalText(text: string): string {
  const plain = text.includes(escape) ? text.replace(sequences, '') : text;
  if (!plain.includes('\r')) return plain;
  return plain
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1).replace(/\r+$/, ''))
    .join('\n');
}
