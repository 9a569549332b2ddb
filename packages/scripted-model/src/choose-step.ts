// Which step answers a request. The place in a script is read from the conversation, so a request that is sent again, a
// session that is resumed and a restarted server all get the answer they would have got.
import { createHash } from 'node:crypto';
import { callsTool, type Message, toolResultTextOf, userTextsOf } from './messages-request.js';
import { isFailure, type Script, type Scripts, type Step, stepsOf } from './scenario.js';

/** The step to answer with, and where it was found. */
export interface Choice {
  script: string;
  /** Index in the script; null when the answer is in none. */
  step: number | null;
  answer: Step;
  /** Set for a failure: the counter to add one to. */
  counter: string | null;
  /** What the user asked for, markers included. */
  prompt: string;
}

/** What besides the conversation decides. */
export interface ChooseContext {
  scripts: Scripts;
  /** Runs when no marker is found. */
  fallback: Script;
  /** Claude's session id; null when the client sends none. */
  sessionId: string | null;
  /** How often the failure behind this counter was answered. */
  timesFailed: (counter: string) => number;
}

/** The step that answers the last message of the conversation. */
export function chooseStep(messages: readonly Message[], context: ChooseContext): Choice {
  const request = findMarker(messages) ?? findRequest(messages);
  const name = request.marker ?? 'default';
  const { prompt } = request;
  const script = Object.hasOwn(context.scripts, name) ? context.scripts[name] : undefined;
  if (request.marker !== null && !script) {
    return { script: name, step: null, answer: unknownScenario(name, context.scripts), counter: null, prompt };
  }

  const steps = stepsOf(script ?? context.fallback);
  const answered = answersAfter(messages, request.index);
  let place = 0; // assistant messages that the steps so far account for
  for (const [index, step] of steps.entries()) {
    if (step.whenToolResult && !new RegExp(step.whenToolResult).test(resultsBefore(messages, answered, place)))
      continue;
    const times = step.times ?? 1;
    if (isFailure(step)) {
      const counter = counterOf(step, name, index, prompt, context.sessionId);
      // What an interrupted stream left behind counts as an answer; a failure for ever goes on all the same.
      const isDue = times === 0 || (place === answered.length && context.timesFailed(counter) < times);
      if (isDue) return { script: name, step: index, answer: step, counter, prompt };
    } else {
      if (times === 0 || answered.length < place + times) {
        return { script: name, step: index, answer: step, counter: null, prompt };
      }
      place += times;
    }
  }
  return { script: name, step: null, answer: finished(name), counter: null, prompt };
}

/** What the script answers to. */
interface Asked {
  marker: string | null;
  /** Of its message. */
  index: number;
  prompt: string;
}

function findMarker(messages: readonly Message[]): Asked | null {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    for (const prompt of message ? userTextsOf(message).reverse() : []) {
      const marker = [...prompt.matchAll(/\[\[scenario:([\w.-]+)\]\]/g)].pop()?.[1];
      if (marker) return { marker, index, prompt };
    }
  }
  return null;
}

/** Without a marker: the first words of the user after the last turn that came to its end. */
function findRequest(messages: readonly Message[]): Asked {
  const turnEnd = messages.findLastIndex((message) => isAnswer(message) && !callsTool(message));
  const requests = messages.flatMap((message, index) => {
    const prompt = userTextsOf(message)[0];
    return prompt === undefined ? [] : [{ marker: null, index, prompt }];
  });
  return requests.find(({ index }) => index > turnEnd) ?? requests[0] ?? { marker: null, index: 0, prompt: '' };
}

function answersAfter(messages: readonly Message[], anchor: number): number[] {
  return messages.flatMap((message, index) => (index > anchor && isAnswer(message) ? [index] : []));
}

/** Claude Code closes an interrupted turn with a "No response requested." of its own; no step gave that. */
function isAnswer(message: Message): boolean {
  if (message.role !== 'assistant') return false;
  const { content } = message;
  const only = typeof content === 'string' ? content : content.length === 1 ? content[0]?.text : undefined;
  return only !== 'No response requested.';
}

function resultsBefore(messages: readonly Message[], answered: readonly number[], place: number): string {
  const from = answered[place - 1];
  if (from === undefined) return '';
  return messages
    .slice(from + 1, answered[place] ?? messages.length)
    .map(toolResultTextOf)
    .join('\n');
}

function counterOf(step: Step, script: string, index: number, prompt: string, sessionId: string | null): string {
  const who = step.countBy === 'prompt' ? '' : (sessionId ?? '');
  return `${script}#${index}#${who}#${createHash('sha256').update(prompt).digest('hex')}`;
}

function unknownScenario(name: string, scripts: Scripts): Step {
  const known = Object.keys(scripts).sort().join(', ') || 'none';
  return {
    text:
      `The scripted model knows no scenario "${name}", so it changed nothing. Known scenarios: ${known}. ` +
      'Choose one with [[scenario:NAME]] in the prompt, or leave the marker out.',
  };
}

function finished(name: string): Step {
  return {
    text:
      `The scripted scenario "${name}" has no further step, so nothing more was changed. ` +
      'A prompt with another [[scenario:NAME]] starts that scenario in this session.',
  };
}
