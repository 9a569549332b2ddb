const isApple = /mac|iphone|ipad/i.test(navigator.platform);

const names: Record<string, string> = { Mod: isApple ? '⌘' : 'Ctrl', Escape: 'Esc' };

/** `g t` or `Mod+k`, drawn as keys. */
export function Keys({ keys }: { keys: string }) {
  const parts = (keys === ' ' ? ['Space'] : keys.split(/[ +]/)).map((part) => names[part] ?? part);
  return (
    <span className="inline-flex shrink-0 gap-1">
      {parts.map((part, index) => (
        <kbd
          key={index}
          className="inline-flex min-w-5 items-center justify-center rounded border border-line bg-sunken px-1 font-mono text-xs text-muted"
        >
          {part.length === 1 && keys.startsWith('Mod') ? part.toUpperCase() : part}
        </kbd>
      ))}
    </span>
  );
}
