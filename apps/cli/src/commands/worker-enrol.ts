import { enrolLine } from '@corch/contract';
import type { Context } from '../context.js';
import { isLoopback, parseUrl } from '../parse/url.js';
import { shortId } from '../format/facts.js';
import { relativeTime } from '../format/time.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--url <url>', 'how the other machine reaches this orchestrator', parseUrl)
    .addHelpText(
      'after',
      '\nThe line that it prints enrols one worker, once and within an hour. It needs an admin key.',
    )
    .action((flags: { url?: string }) => invocation.run((context) => enrol(context, flags.url)));
};

async function enrol(context: Context, asked: string | undefined): Promise<void> {
  const { output, settings, config, commandLine } = context;
  const enrolment = await (await context.client()).createEnrolment();
  const url = asked ?? enrolment.url ?? settings.server;
  const line = enrolLine(url, enrolment.token, config.command);
  if (output.json) return output.document({ ...enrolment, url, command: line });
  output.data(line);
  output.note(
    `Type it on the other machine, in a folder of your choice. It enrols one worker and expires ${relativeTime(enrolment.expiresAt, Date.now())}.`,
  );
  output.note(`Not wanted any more: ${commandLine(`enrolment revoke ${shortId(enrolment.id)}`)}`);
  if (isLoopback(url)) {
    output.warn(
      `Other machines do not reach ${url}. Let the orchestrator listen for them (--host, PUBLIC_URL), then make another, or name the address with --url.`,
    );
  }
}
