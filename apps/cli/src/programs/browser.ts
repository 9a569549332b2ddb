import open from 'open';

/** Opens an address in the person's browser; false when that could not be started. */
export async function openBrowser(url: string): Promise<boolean> {
  try {
    const child = await open(url);
    child.once('error', () => undefined);
    child.unref();
    return true;
  } catch {
    return false;
  }
}
