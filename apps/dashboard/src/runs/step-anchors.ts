import { createContext } from 'react';

interface Anchors {
  /** Before each id, where a page shows more than one transcript. */
  readonly prefix: string;
  /** The query string of the page that shows the transcript. */
  readonly search: string;
}

/** How the steps of a transcript are called and linked to. */
export const StepAnchors = createContext<Anchors>({ prefix: '', search: '' });
