import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { sessionQuery } from './api/first-queries.js';
import { queryClient } from './api/query-client.js';
import { watchForUpdate } from './api/update.js';
import { App } from './app.js';

/** Draws the dashboard into the page. */
export function start(): void {
  watchForUpdate();
  void queryClient.prefetchQuery(sessionQuery);
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no #root');
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
