/** A sentence in which text between backticks is something to type. */
export function InlineCode({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      <code key={index} className="rounded bg-surface px-1 py-px font-mono text-[0.8125rem]">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
