import { isRouteErrorResponse, useRouteError } from 'react-router-dom';
import { describeError } from '../api/describe-error.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/notice.js';

/** A part of the dashboard that is fetched when it is needed is gone: the server has a newer version. */
function isOutdated(error: unknown): boolean {
  return (
    error instanceof TypeError && /module script|dynamically imported module|importing a module/i.test(error.message)
  );
}

/** Instead of a white page. */
export function BrokenPage() {
  const error = useRouteError();
  const { title, detail, hint } = describeError(isRouteErrorResponse(error) ? new Error(error.statusText) : error);
  const reload = (
    <Button look="primary" onClick={() => location.reload()}>
      Reload
    </Button>
  );
  return (
    <main className="mx-auto max-w-xl px-4 py-24">
      <h1 className="sr-only">Something went wrong</h1>
      {isOutdated(error) ? (
        <Notice kind="info" title="This part of the page could not be loaded." actions={reload}>
          The orchestrator was updated, or does not answer. Reload to go on.
        </Notice>
      ) : (
        <Notice kind="error" title={title} actions={reload} announce>
          <p>{detail}</p>
          <p className="mt-1">{hint}</p>
        </Notice>
      )}
    </main>
  );
}
