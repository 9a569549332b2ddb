// What Claude asks, as the orchestrator is told of it, and a decision as Claude Code takes it. Pure.
import {
  byteLength,
  maxApprovalInputBytes,
  type ApprovalDecision,
  type ReportApproval,
  type ToolInput,
} from '@corch/contract';
import { createHash } from 'node:crypto';
import type { Redactor } from '../redact.js';
import { startOf } from './cut.js';
import type { LineSignal } from './claude-output.js';

type Json = ReportApproval['suggestions'][number];
/** A request of Claude Code. */
export type Permission = LineSignal & { type: 'permission' };

/** What only describes a call; Claude words it anew each time. */
const describing = ['description'];
/** Of one text, when the whole is too large; then, when it still is, of each. */
const textBytes = [20_000, 500] as const;
const maxPlanBytes = 100_000;
const maxReasonBytes = 4000;
/** A request with more of them is no ordinary one: then only the same call is alike. */
const maxSuggestions = 100;

/** What is told of a request. Secrets are taken out first, also of what the hash is made from: a copy of it must not tell them. */
export function reportOf(
  asked: Permission,
  place: { readonly epoch: number; readonly cwd: string; readonly plan: string | null },
  redactor: Redactor,
): ReportApproval {
  const { request } = asked;
  const input = redactor.deep(request.input);
  const plan = place.plan === null ? null : startOf(redactor.text(place.plan), maxPlanBytes);
  const shown = fitting(input);
  const text = (value: string | null | undefined) =>
    value == null || value === '' ? null : startOf(redactor.text(value), maxReasonBytes);
  const suggestions = redactor.deep(request.permission_suggestions ?? []);
  return {
    epoch: place.epoch,
    requestId: asked.requestId,
    toolUseId: asked.toolUseId,
    toolName: asked.toolName,
    input: shown,
    inputCut: shown !== input,
    inputHash: hashOf(input, plan),
    plan,
    description: text(request.description),
    reason: text(request.decision_reason),
    cwd: startOf(place.cwd, maxReasonBytes),
    blockedPath: text(request.blocked_path),
    suggestions: suggestions.length > maxSuggestions ? [] : suggestions,
  };
}

/** Two requests for the same have the same hash, in whatever order their fields come. */
function hashOf(input: ToolInput, plan: string | null): string {
  const counted = Object.fromEntries(Object.entries(input).filter(([name]) => !describing.includes(name)));
  return createHash('sha256')
    .update(JSON.stringify([sorted(counted), plan]))
    .digest('hex');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}

/** The input itself when it is small enough, else one whose texts are cut. */
function fitting(input: ToolInput): ToolInput {
  if (byteLength(JSON.stringify(input)) <= maxApprovalInputBytes) return input;
  for (const max of textBytes) {
    const cut = shortened(input, max);
    if (byteLength(JSON.stringify(cut)) <= maxApprovalInputBytes) return cut;
  }
  return { leftOut: `${byteLength(JSON.stringify(input))} bytes` };
}

function shortened(input: ToolInput, max: number): ToolInput {
  const shorten = (value: Json): Json => {
    if (typeof value === 'string') return startOf(value, max);
    if (Array.isArray(value)) return value.map(shorten);
    if (typeof value !== 'object' || value === null) return value;
    return shortened(value, max);
  };
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, shorten(value)]));
}

const deniedText =
  'Somebody was asked and does not want this. Go on without it, or say in your answer what you would have needed.';

/**
 * A decision as Claude Code takes it. What it suggests to allow for good (`permission_suggestions`) is never given back: some of it
 * would be written into a file of the repository.
 */
export function responseOf({ request }: Permission, decision: ApprovalDecision): object {
  switch (decision.action) {
    case 'allow':
      return { behavior: 'allow', updatedInput: decision.input ?? request.input };
    case 'deny':
      return { behavior: 'deny', message: decision.message ?? deniedText, interrupt: decision.interrupt };
    case 'answer':
      return { behavior: 'allow', updatedInput: { ...request.input, answers: decision.answers } };
  }
}
