import type { ToolInput } from '@corch/contract';

/** What is offered for editing: a command as it is, everything else as JSON. */
export function editedText(input: ToolInput): { label: string; text: string } {
  const { command } = input;
  if (typeof command === 'string') return { label: 'Command', text: command };
  return { label: 'Input, as JSON', text: JSON.stringify(input, null, 2) };
}

/** The input that an edited text stands for; null when it is none. */
export function editedInput(input: ToolInput, text: string): ToolInput | null {
  if (typeof input['command'] === 'string') return text.trim() === '' ? null : { ...input, command: text };
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}
