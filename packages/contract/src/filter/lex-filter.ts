// Cuts the text of a filter into its terms, without knowing what they mean.

/** Where something stands in the text: from the first character to behind the last one, as `slice` takes them. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A word or quoted phrase; without its quotes and escapes. */
export interface LexedValue extends Span {
  readonly text: string;
  readonly isQuoted: boolean;
  /** The quote was not closed. */
  readonly isOpen: boolean;
}

/** `-key:a,b`, or without a key a word or phrase to look for. */
export interface LexedTerm extends Span {
  readonly isNegated: boolean;
  readonly key: (Span & { readonly text: string }) | null;
  readonly values: readonly LexedValue[];
}

/** A key begins with a letter; what stands before `//` is an address. */
const keyAt = /([A-Za-z][\w-]*):(?!\/\/)/y;
const space = /\s/;

export function lexFilter(text: string): LexedTerm[] {
  const terms: LexedTerm[] = [];
  let at = 0;
  const isSpace = (place: number) => space.test(text.charAt(place));

  const readQuoted = (): LexedValue => {
    const from = at++;
    let read = '';
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\\' && at + 1 < text.length) at++;
      read += text[at++];
    }
    const isOpen = at >= text.length;
    if (!isOpen) at++;
    return { from, to: at, text: read, isQuoted: true, isOpen };
  };
  const readPlain = (ends: (character: string) => boolean): LexedValue => {
    const from = at;
    while (at < text.length && !isSpace(at) && !ends(text.charAt(at))) at++;
    return { from, to: at, text: text.slice(from, at), isQuoted: false, isOpen: false };
  };
  const readValues = (): LexedValue[] => {
    const values = [text[at] === '"' ? readQuoted() : readPlain((character) => character === ',')];
    while (text[at] === ',') {
      at++;
      values.push(text[at] === '"' ? readQuoted() : readPlain((character) => character === ','));
    }
    return values;
  };

  while (at < text.length) {
    if (isSpace(at)) {
      at++;
      continue;
    }
    const from = at;
    const isNegated = text[at] === '-' && at + 1 < text.length && !isSpace(at + 1);
    if (isNegated) at++;
    keyAt.lastIndex = at;
    const name = keyAt.exec(text)?.[1];
    const key = name === undefined ? null : { from: at, to: at + name.length, text: name };
    if (key !== null) at = key.to + 1;
    const values = key !== null ? readValues() : [text[at] === '"' ? readQuoted() : readPlain(() => false)];
    terms.push({ from, to: at, isNegated, key, values });
  }
  return terms;
}
