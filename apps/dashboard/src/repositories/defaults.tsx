import type { Repository, TaskDefaults } from '@corch/contract';
import { stepName } from '@corch/contract';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../api/session.js';
import { JsonBlock } from '../runs/json-block.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/section.js';
import { limitDuration } from '../ui/time-format.js';
import { DefaultsDialog } from './defaults-dialog.js';

const names = {
  model: 'Model',
  permissionPolicy: 'Permissions',
  pool: 'Pool',
  labels: 'Labels',
  requirements: 'Requirements',
  priority: 'Priority',
  timeoutSeconds: 'Timeout',
  retries: 'Retries',
  budgetUsd: 'Budget',
  maxTurns: 'Most turns',
  setup: 'Setup',
  checks: 'Checks',
} as const satisfies Partial<Record<keyof TaskDefaults, string>>;

/** What tasks get that say nothing themselves. */
export function Defaults({ repository }: { repository: Repository }) {
  const isAdmin = useMay('admin');
  const [isEditing, setEditing] = useState(false);
  const { defaults } = repository;
  const known = (Object.keys(names) as (keyof typeof names)[]).filter((key) => defaults[key] !== undefined);
  const others = Object.fromEntries(Object.entries(defaults).filter(([key]) => !Object.hasOwn(names, key)));
  return (
    <Section
      title="Defaults of its tasks"
      action={
        isAdmin && (
          <Button
            aria-label="Change the defaults"
            onClick={() => setEditing(true)}
            icon={<Pencil size={15} aria-hidden />}
          >
            Change…
          </Button>
        )
      }
    >
      {Object.keys(defaults).length === 0 && (
        <p className="text-sm text-muted">None: tasks get what the orchestrator gives to every task.</p>
      )}
      {known.length > 0 && (
        <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[auto_1fr]">
          {known.map((key) => (
            <div key={key} className="contents">
              <dt className="text-muted">{names[key]}</dt>
              <dd className="min-w-0 break-words whitespace-pre-line">{valueWords(key, defaults)}</dd>
            </div>
          ))}
        </dl>
      )}
      {Object.keys(others).length > 0 && <JsonBlock label="Other defaults" value={others} />}
      {isEditing && <DefaultsDialog repository={repository} onClose={() => setEditing(false)} />}
    </Section>
  );
}

function valueWords(key: keyof typeof names, defaults: TaskDefaults): string {
  switch (key) {
    case 'labels':
    case 'requirements':
      return (defaults[key] ?? []).join(', ');
    case 'setup':
    case 'checks':
      return (defaults[key] ?? []).map(stepName).join('\n');
    case 'timeoutSeconds':
      return limitDuration(defaults.timeoutSeconds ?? 0);
    case 'budgetUsd':
      return `$${defaults.budgetUsd ?? 0} a run, est.`;
    default:
      return String(defaults[key] ?? '');
  }
}
