import { z } from 'zod';

// Only what a script looks at. Claude Code sends far more and adds to it with every version.
const Block = z.looseObject({ type: z.string(), text: z.string().optional(), content: z.unknown().optional() });
const Content = z.union([z.string(), z.array(Block)]);
const Message = z.looseObject({ role: z.string(), content: Content });

/** The body of `POST /v1/messages`. */
export const MessagesRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  system: Content.optional(),
  tools: z.array(z.looseObject({ type: z.string().optional() })).optional(),
  stream: z.boolean().optional(),
  output_config: z.looseObject({ format: z.unknown().optional() }).optional(),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;
export type Message = z.infer<typeof Message>;
export type Content = z.infer<typeof Content>;

/** All text of a message, tool results left out. */
export function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  return content.flatMap((block) => (block.type === 'text' && block.text !== undefined ? [block.text] : [])).join('\n');
}

/**
 * What the user wrote, block by block, without the reminders that Claude Code adds around it. A message that follows
 * before the first one was answered (a resume after a failure) arrives as one more block of the same message.
 */
export function userTextsOf(message: Message): string[] {
  if (message.role !== 'user') return [];
  const { content } = message;
  const texts = typeof content === 'string' ? [content] : content.map((block) => textOf([block]));
  return texts
    .map((text) => text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim())
    .filter((text) => text !== '');
}

/** The text of all tool results in a message. */
export function toolResultTextOf(message: Message): string {
  if (typeof message.content === 'string') return '';
  return message.content
    .filter((block) => block.type === 'tool_result')
    .map((block) => {
      const content = Content.safeParse(block.content);
      return content.success ? textOf(content.data) : '';
    })
    .join('\n');
}

/** Whether an assistant message calls a tool. */
export function callsTool(message: Message): boolean {
  return typeof message.content !== 'string' && message.content.some((block) => block.type === 'tool_use');
}

/**
 * Whether the request belongs to a conversation that works on something. Titles, summaries and probes carry no tools, or
 * only the web search that the server itself runs.
 */
export function isConversation(request: MessagesRequest): boolean {
  const tools = request.tools ?? [];
  return tools.some((tool) => !tool.type?.startsWith('web_search'));
}
