import { memo, useState } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { Button } from './button.js';

/** Nothing is loaded from elsewhere: a picture becomes a link to it. */
const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  img: ({ src, alt }) =>
    typeof src === 'string' ? (
      <a href={src} target="_blank" rel="noopener noreferrer nofollow">
        {alt === undefined || alt === '' ? 'picture' : alt}
      </a>
    ) : null,
  pre: ({ children }) => (
    <pre tabIndex={0} role="group" aria-label="Code">
      {children}
    </pre>
  ),
  table: ({ children }) => (
    <div tabIndex={0} role="group" aria-label="Table" className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
};

/** Longer texts take the browser over 100 ms to lay out, so they start cut. */
const startLength = 20_000;

/** Text of an agent as sanitised Markdown: no HTML, no scripts, no pictures from elsewhere. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(text.length <= startLength);
  return (
    <div className="prose">
      <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize]} components={components}>
        {isWhole ? text : text.slice(0, startLength)}
      </ReactMarkdown>
      {!isWhole && <Button onClick={() => setWhole(true)}>Show all {text.length.toLocaleString()} characters</Button>}
    </div>
  );
});
