import type { Colors } from '../output.js';

/** One line of a transcript as people read it, before colour. */
export interface Line {
  readonly kind: 'text' | 'heading' | 'tool' | 'detail' | 'note' | 'warn' | 'error';
  readonly text: string;
}

export function line(kind: Line['kind'], text: string): Line {
  return { kind, text };
}

/** Several lines of one kind. */
export function lines(kind: Line['kind'], text: string, indent = ''): Line[] {
  return text.split('\n').map((each) => line(kind, indent + each));
}

/** The line with its colour; the words alone say everything. */
export function paint({ kind, text }: Line, color: Colors): string {
  switch (kind) {
    case 'text':
      return text;
    case 'heading':
      return color.bold(text);
    case 'tool':
      return paintTool(text, color);
    case 'detail':
    case 'note':
      return color.dim(text);
    case 'warn':
      return color.yellow(text);
    case 'error':
      return color.red(text);
  }
}

function paintTool(text: string, color: Colors): string {
  const mark = text.indexOf('  ✗');
  const called = mark === -1 ? text : text.slice(0, mark);
  return color.cyan(called) + (mark === -1 ? '' : color.red(text.slice(mark)));
}
