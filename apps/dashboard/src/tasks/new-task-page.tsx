import { Page } from '../ui/page.js';
import { useMay } from '../api/session.js';
import { Forbidden } from '../access/forbidden.js';
import { NewTaskForm } from './new-task-form.js';

export function NewTaskPage() {
  const maySubmit = useMay('submit');
  return maySubmit ? (
    <Page title="New task" focusTitle={false}>
      <NewTaskForm />
    </Page>
  ) : (
    <Forbidden title="New task" needs="submit" />
  );
}
