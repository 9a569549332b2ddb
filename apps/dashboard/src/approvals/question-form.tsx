import { answerFrom, questionsOf, type Approval, type Question } from '@corch/contract';
import { useId, useState } from 'react';
import { Button } from '../ui/button.js';
import { inputClass } from '../ui/field.js';

interface QuestionFormProps {
  approval: Approval;
  pending: boolean;
  onAnswer: (answers: Record<string, string>) => void;
}

/** Questions with numbered options, or words of one's own. */
export function QuestionForm({ approval, pending, onAnswer }: QuestionFormProps) {
  const questions = questionsOf(approval.input);
  const [texts, setTexts] = useState<readonly string[]>(questions.map(() => ''));
  const isWhole = texts.every((text) => text.trim() !== '');
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole) return;
        onAnswer(
          Object.fromEntries(questions.map((one, index) => [one.question, answerFrom(one, texts[index] ?? '')])),
        );
      }}
    >
      {questions.map((question, index) => (
        <OneQuestion
          key={question.question}
          question={question}
          text={texts[index] ?? ''}
          onChange={(text) => setTexts(texts.with(index, text))}
        />
      ))}
      <div>
        <Button look="primary" type="submit" pending={pending} disabled={!isWhole}>
          Answer
        </Button>
      </div>
    </form>
  );
}

interface OneQuestionProps {
  question: Question;
  text: string;
  onChange: (text: string) => void;
}

function OneQuestion({ question: { question, options, multiSelect }, text, onChange }: OneQuestionProps) {
  const id = useId();
  const chosen = text.split(',').map((part) => part.trim());
  const pick = (number: string, isOn: boolean) => {
    if (!multiSelect) return onChange(number);
    const numbers = chosen.filter((part) => /^\d+$/.test(part) && part !== number);
    onChange([...numbers, ...(isOn ? [number] : [])].sort().join(','));
  };
  const isOwn = text !== '' && !chosen.every((part) => /^\d+$/.test(part));
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 font-medium break-words">{question}</legend>
      {options.map(({ label, description }, index) => {
        const number = String(index + 1);
        return (
          <label
            key={label}
            className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line bg-surface px-3 py-2 text-sm has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type={multiSelect ? 'checkbox' : 'radio'}
              name={id}
              className="mt-1 accent-accent"
              checked={!isOwn && chosen.includes(number)}
              onChange={(event) => pick(number, event.target.checked)}
            />
            <span className="min-w-0">
              <span className="text-muted tabular-nums">{number}.</span> <span className="font-medium">{label}</span>
              {description != null && description !== '' && <span className="block text-muted">{description}</span>}
            </span>
          </label>
        );
      })}
      <input
        aria-label={`Another answer to: ${question}`}
        placeholder={options.length === 0 ? 'Your answer' : 'Or in your own words'}
        maxLength={10_000}
        value={isOwn ? text : ''}
        onChange={(event) => onChange(event.target.value)}
        className={inputClass}
      />
    </fieldset>
  );
}
