import type { Context } from '../context.js';
import { printRepository } from '../format/repository.js';
import { addRepositoryFlags, defaultsOf, placesOf, type RepositoryFlags } from '../submit/repository-flags.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.argument('<name>', 'what it is called from now on').argument('<url>', 'its address: https, http or ssh');
  addRepositoryFlags(command)
    .addHelpText(
      'after',
      '\nWhat a task says itself counts more than a default. A password does not belong into the address:\n' +
        '`corch secret set NAME` keeps it.',
    )
    .action((name: string, url: string, flags: RepositoryFlags) =>
      invocation.run((context) => add(context, name, url, flags)),
    );
};

async function add(context: Context, name: string, url: string, flags: RepositoryFlags): Promise<void> {
  const defaults = (await defaultsOf(context, flags, () => Promise.resolve({}))) ?? {};
  const body = { name, url, ...placesOf(flags), defaults };
  const added = await (await context.client()).addRepository({ body });
  if (context.output.quiet && !context.output.json) return context.output.data(added.name);
  printRepository(context.output, added);
  if (/^https?:/.test(url))
    context.output.note(`A private one needs a secret: ${context.commandLine(`secret set ${name}`)}`);
  context.output.note(`Work on it: ${context.commandLine(`run -R ${name} "…"`)}`);
}
