import { answerFrom, questionsOf } from '@corch/contract';
import { chooseApproval } from '../choose-approval.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { approvalLines, printDecided } from '../format/approval.js';
import { checkArgument } from '../parse/text-input.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'what to answer: its id or the end of it, or its task')
    .argument('<answer...>', 'for each question the number of an option (`1,3` where several may be chosen), or words')
    .action((id: string, answers: string[]) => invocation.run((context) => answer(context, id, answers)));
};

async function answer(context: Context, id: string, texts: readonly string[]): Promise<void> {
  for (const text of texts) checkArgument(text, 'The answer');
  const client = await context.client();
  const approval = await chooseApproval(client, id);
  if (approval.kind !== 'question') {
    throw new CliError(
      exitCodes.invalid,
      'Claude asks no question here.',
      context.localise('Use `corch approve` or `corch deny`.'),
    );
  }
  const questions = questionsOf(approval.input);
  if (questions.length !== texts.length) {
    const asked = approvalLines(approval).join('\n  ');
    const number = questions.length === 1 ? '1 answer is' : `${questions.length} answers are`;
    throw new CliError(exitCodes.usage, `${number} needed, one for each question.`, asked);
  }
  const answers = Object.fromEntries(
    questions.map((question, index) => [question.question, answerFrom(question, texts[index] ?? '')]),
  );
  const decided = await client.decideApproval({
    params: { approvalId: approval.id },
    body: { action: 'answer', answers },
  });
  printDecided(context.output, decided);
}
