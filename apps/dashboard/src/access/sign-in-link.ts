/** The token in `#link=…`, where no server and no log sees it; null when there is none. */
export function linkToken(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('link');
}

/** Where to go after signing in: an address of this dashboard, never another site. */
export function nextAddress(search: URLSearchParams): string {
  const next = search.get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}
