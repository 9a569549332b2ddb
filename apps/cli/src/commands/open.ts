import type { Context } from '../context.js';
import { relativeTime } from '../format/time.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--print', 'only print the link')
    .action((flags: { print?: boolean }) => invocation.run((context) => open(context, flags.print === true)));
};

async function open(context: Context, printOnly: boolean): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const link = await client.createSignInLink();
  if (output.json) return output.document(link);
  output.data(link.url);
  output.note(`The link signs one browser in, once; it stops working ${relativeTime(link.expiresAt, Date.now())}.`);
  if (printOnly || !output.isTty || !context.config.hasDisplay) return;
  const { openBrowser } = await import('../programs/browser.js');
  if (!(await openBrowser(link.url))) output.note('No browser could be opened; open the link yourself.');
}
