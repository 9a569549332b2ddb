import { ButtonLink } from '../ui/button.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Empty title="There is nothing at this address.">
        <code className="font-mono break-all">{location.pathname}</code>
        <ButtonLink to="/tasks">All tasks</ButtonLink>
      </Empty>
    </Page>
  );
}
