const item = /^\s*(?:[-*•]|\d{1,3}[.)])\s+(?:\[[ x]\]\s+)?(.*\S)\s*$/;

/** A prompt of these points; one alone is no list. */
export function listOf(points: readonly string[]): string {
  const [only] = points;
  return points.length === 1 && only !== undefined ? only : points.map((point) => `- ${point}`).join('\n');
}

/** The points of a prompt that is a list and nothing else; empty when it is something else, or only one point. */
export function listItems(prompt: string): string[] {
  const lines = prompt.split('\n').filter((line) => line.trim() !== '');
  const items = lines.map((line) => item.exec(line)?.[1]);
  return items.length > 1 && items.every((text) => text !== undefined) ? items : [];
}
