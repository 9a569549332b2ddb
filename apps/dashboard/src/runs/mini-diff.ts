export interface MiniLine {
  readonly kind: 'context' | 'add' | 'del';
  readonly text: string;
}

/** Lines of context kept around the part that differs. */
const context = 2;

/** An edit as removed and added lines. Equal lines at both ends are context; what lies between is shown as replaced. */
export function miniDiff(before: string, after: string): MiniLine[] {
  const left = splitLines(before);
  const right = splitLines(after);
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < shorter - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail++;
  const line = (kind: MiniLine['kind']) => (text: string) => ({ kind, text });
  return [
    ...left.slice(Math.max(0, head - context), head).map(line('context')),
    ...left.slice(head, left.length - tail).map(line('del')),
    ...right.slice(head, right.length - tail).map(line('add')),
    ...left.slice(left.length - tail, left.length - tail + context).map(line('context')),
  ];
}

function splitLines(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

export function countLines(lines: readonly MiniLine[], kind: MiniLine['kind']): number {
  return lines.filter((line) => line.kind === kind).length;
}
