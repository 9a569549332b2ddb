import type { Context } from '../context.js';

/** Says command lines that make sense next: beside each other when they fit, else one below the other. */
export function tellNext({ output }: Context, commands: readonly string[]): void {
  const inOneLine = `  ${commands.join('     ')}`;
  output.note(inOneLine.length <= output.width ? inOneLine : commands.map((command) => `  ${command}`).join('\n'));
}
