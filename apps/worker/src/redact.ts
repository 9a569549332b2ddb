// Secrets leave this machine neither in events nor in logs.
import type { Environment } from './config.js';

/** What stands where a secret was. */
export const mask = '••••';

/** Shorter values are words, not secrets; hiding them would eat ordinary text. */
const minLength = 8;
/** What stands in no file by chance: neither a word, nor a path, nor the type of a content. */
const certain = /^(?!\/)(?!.*:\/\/)(?=.*\d)(?=.*[A-Za-z])\S{16,}$/;
const secretName = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|_AUTH|_DSN|CUSTOM_HEADERS)$/i;
/** `name=value` by commas, percent-encoded. */
const headersName = /_OTLP_(\w+_)?HEADERS$/;
/** Tokens of this product and of Anthropic, by their prefix. */
const secretPattern = /(?:corch_(?:(?:link|sess|enrol|worker|run)_)?[\w.-]{20,}|sk-ant-[\w-]{10,})/g;
/** The longest text that a pattern is waited for across a border. */
const longestPattern = 512;

/** Values of variables whose names say that they are secret, and passwords inside proxy addresses. */
export function secretsOf(environment: Environment): string[] {
  const values: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (secretName.test(name)) values.push(value);
    if (headersName.test(name)) values.push(...headerValues(value));
    const password = /^[a-z]+:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(value)?.[1];
    if (password !== undefined) values.push(password);
  }
  return values;
}

/** Of `authorization=Bearer%20abc` what is sent, as it stands there and as it reads. */
function headerValues(list: string): string[] {
  return list.split(',').flatMap((pair) => {
    const value = pair.slice(pair.indexOf('=') + 1).trim();
    const shown = value.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
    return [value, shown, shown.split(/\s+/).at(-1) ?? ''];
  });
}

/** Replaces secrets in texts and in whatever holds texts. */
export class Redactor {
  private values: readonly string[] = [];
  private known: RegExp | null = null;
  /** A secret, or its start, may lie in so many characters at the end of a piece. */
  holdBack = longestPattern;

  constructor(secrets: readonly string[]) {
    this.hide(secrets);
  }

  /** From now on these are hidden, too. */
  hide(secrets: readonly string[]): void {
    this.values = [...new Set([...this.values, ...secrets.map((secret) => secret.trim())])]
      .filter((secret) => secret.length >= minLength)
      .sort((a, b) => b.length - a.length);
    this.known = this.values.length === 0 ? null : new RegExp(this.values.map(escape).join('|'), 'g');
    this.holdBack = Math.max(longestPattern, ...this.values.map((value) => value.length));
  }

  /** The known secrets for which a file is kept back; of `Bearer abc` the last word. */
  get certain(): readonly string[] {
    return this.values.flatMap((value) => value.split(/\s+/).at(-1) ?? []).filter((word) => certain.test(word));
  }

  text(text: string): string {
    const known = this.known === null ? text : text.replace(this.known, mask);
    return known.replace(secretPattern, mask);
  }

  /** A copy with every string (keys too) redacted; U+0000, which PostgreSQL cannot hold, becomes U+FFFD. */
  deep<T>(value: T): T;
  deep(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value).replaceAll('\u0000', '\uFFFD');
    if (Array.isArray(value)) return value.map((item: unknown) => this.deep(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.deep<unknown>(item)]));
  }

  /** Where secrets lie in `text`, as [start, end). */
  ranges(text: string): [number, number][] {
    const patterns = this.known === null ? [secretPattern] : [this.known, secretPattern];
    return patterns.flatMap((pattern) =>
      [...text.matchAll(pattern)].map((match): [number, number] => [match.index, match.index + match[0].length]),
    );
  }
}

/**
 * Redacts a stream in pieces. A piece ends where no secret can lie across the border: behind a line break, or `holdBack`
 * characters before the end.
 */
export class RedactingStream {
  private pending = '';

  constructor(private readonly redactor: Redactor) {}

  /** Adds text; returns what is safe to pass on. */
  push(text: string): string {
    this.pending += text;
    const lineEnd = this.pending.lastIndexOf('\n') + 1;
    let cut = Math.max(lineEnd, this.pending.length - this.redactor.holdBack, 0);
    // From the last range to the first, since moving the cut can make it cross an earlier one.
    for (const [start, end] of this.redactor.ranges(this.pending).sort((a, b) => b[0] - a[0])) {
      const mayGrow = end === this.pending.length;
      if (start < cut && (end > cut || mayGrow)) cut = start;
    }
    // A pattern that never ends must not hold everything back.
    if (this.pending.length - cut > this.redactor.holdBack * 4) cut = this.pending.length;
    const safe = this.pending.slice(0, cut);
    this.pending = this.pending.slice(cut);
    return this.redactor.text(safe);
  }

  /** What is left, at the end of the stream. */
  flush(): string {
    const rest = this.redactor.text(this.pending);
    this.pending = '';
    return rest;
  }

  get isEmpty(): boolean {
    return this.pending === '';
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
