import { useId, type ComponentProps } from 'react';
import { Field, inputClass } from '../ui/field.js';
import { Fold } from '../ui/fold.js';
import { usePools } from '../workers/use-workers.js';
import type { Draft, DraftErrors, DraftField, DraftProps } from './draft.js';

const models = ['sonnet', 'opus', 'haiku'];

const policies = [
  { id: '', words: 'as the repository says, else work' },
  { id: 'work', words: 'work: edit files and run commands' },
  { id: 'edit', words: 'edit: edit files, no commands' },
  { id: 'plan', words: 'plan: read only, answers with a plan' },
  { id: 'ask', words: 'ask: you decide about each edit and command' },
] as const;

/** The fields of this part; one that is wrong opens it. */
const ownFields: readonly DraftField[] = [
  'model',
  'title',
  'priority',
  'pool',
  'labels',
  'timeoutMinutes',
  'budgetUsd',
  'maxTurns',
  'retries',
  'startAt',
];

export function MoreOptions(props: DraftProps) {
  const { draft, errors } = props;
  const hasError = ownFields.some((field) => errors[field] !== undefined);
  const isUsed =
    draft.executor === 'command' ||
    draft.demo ||
    draft.permissionPolicy !== '' ||
    ownFields.some((field) => draft[field] !== '');
  return (
    <Fold startsOpen={isUsed} mustOpen={hasError} summary={<span className="font-medium">Options</span>}>
      {() => <OptionFields {...props} />}
    </Fold>
  );
}

type TextField = Exclude<DraftField, 'failOnDenied' | 'demo' | 'executor' | 'source' | 'permissionPolicy'>;

interface TextOptionProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'name' | 'id'> {
  name: TextField;
  label: string;
  hint?: string;
  draft: Draft;
  errors: DraftErrors;
  onChange: (part: Partial<Draft>) => void;
}

function TextOption({ name, label, hint, draft, errors, onChange, ...rest }: TextOptionProps) {
  return (
    <Field label={label} error={errors[name]} hint={hint}>
      {(control) => (
        <input
          spellCheck={false}
          {...rest}
          {...control}
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
          className={inputClass}
        />
      )}
    </Field>
  );
}

function OptionFields({ draft, errors, onChange }: DraftProps) {
  const pools = usePools();
  const lists = useId();
  const common = { draft, errors, onChange };
  const isClaude = draft.executor === 'claude';
  return (
    <div className="mt-3 flex flex-col gap-5">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextOption {...common} name="title" label="Title" hint="The first line of the prompt when empty." spellCheck />
        <TextOption {...common} name="labels" label="Labels" placeholder="deps, team=web" hint="Separated by commas." />
        {isClaude && (
          <>
            <TextOption {...common} name="model" label="Model" list={`${lists}-models`} placeholder="default" />
            <Field label="Permissions">
              {(control) => (
                <select
                  {...control}
                  value={draft.permissionPolicy}
                  onChange={(event) => {
                    const policy = policies.find(({ id }) => id === event.target.value);
                    if (policy) onChange({ permissionPolicy: policy.id });
                  }}
                  className={inputClass}
                >
                  {policies.map(({ id, words }) => (
                    <option key={id} value={id}>
                      {words}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <TextOption
              {...common}
              name="budgetUsd"
              label="Budget in US dollars (est.)"
              inputMode="decimal"
              placeholder="none"
            />
            <TextOption {...common} name="maxTurns" label="Most turns" inputMode="numeric" placeholder="no limit" />
          </>
        )}
        <TextOption
          {...common}
          name="timeoutMinutes"
          label="Timeout in minutes"
          inputMode="decimal"
          placeholder="120"
        />
        <TextOption {...common} name="retries" label="Retries after a failure" inputMode="numeric" placeholder="0" />
        <TextOption {...common} name="pool" label="Pool" list={`${lists}-pools`} placeholder="default" />
        <TextOption
          {...common}
          name="priority"
          label="Priority"
          inputMode="numeric"
          placeholder="0"
          hint="Seconds it is put ahead: 3600 goes before everything queued in the last hour."
        />
        <TextOption
          {...common}
          name="startAt"
          label="Start at"
          type="datetime-local"
          hint="Your local time; at once when empty."
        />
      </div>
      <datalist id={`${lists}-models`}>
        {models.map((model) => (
          <option key={model} value={model} />
        ))}
      </datalist>
      <datalist id={`${lists}-pools`}>
        {pools.data?.data.map((pool) => (
          <option key={pool.name} value={pool.name} />
        ))}
      </datalist>
      <div className="flex flex-col gap-2">
        {isClaude && (
          <>
            <Check checked={draft.demo} onChange={(demo) => onChange({ demo })}>
              Demo: a scripted model instead of Claude; no login, no cost
            </Check>
            <Check checked={draft.failOnDenied} onChange={(failOnDenied) => onChange({ failOnDenied })}>
              A denied tool fails the run
            </Check>
          </>
        )}
        <Check checked={!isClaude} onChange={(isCommand) => onChange({ executor: isCommand ? 'command' : 'claude' })}>
          Run a command instead of Claude
        </Check>
      </div>
    </div>
  );
}

interface CheckProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: string;
}

function Check({ checked, onChange, children }: CheckProps) {
  return (
    <label className="inline-flex min-h-6 items-center gap-2 text-sm">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 accent-accent"
      />
      {children}
    </label>
  );
}
