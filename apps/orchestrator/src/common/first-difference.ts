/** The first line that differs, as both sides have it; null when nothing differs. */
export function firstDifference(committed: string, current: string): string | null {
  if (committed === current) return null;
  const [theirs, ours] = [committed.split('\n'), current.split('\n')];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  const line = at === -1 ? ours.length : at;
  return `line ${line + 1}:\n- ${theirs[line] ?? '(end)'}\n+ ${ours[line] ?? '(end)'}`;
}
