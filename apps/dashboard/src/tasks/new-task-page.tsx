import { Forbidden } from '../access/forbidden.js';
import { useMay } from '../api/session.js';
import { Page } from '../ui/page.js';
import { NewTaskForm } from './new-task-form.js';

export function NewTaskPage() {
  const maySubmit = useMay('submit');
  return (
    <Page title="New task" focusTitle={!maySubmit}>
      {maySubmit ? <NewTaskForm /> : <Forbidden needs="submit" />}
    </Page>
  );
}
