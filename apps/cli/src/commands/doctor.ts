import { examine, type Check } from '../doctor/examine.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--claude-bin <path>', 'look at your own Claude Code instead of the bundled one (CLAUDE_BIN)')
    .action((flags: { claudeBin?: string }) => invocation.run((context) => doctor(context, flags.claudeBin)));
};

async function doctor(context: Context, claudeBin: string | undefined): Promise<ExitCode> {
  const { output } = context;
  const checks: Check[] = [];
  for await (const check of examine(context, claudeBin)) {
    checks.push(check);
    if (!output.json) print(context, check);
  }
  const ok = checks.every((check) => check.ok);
  if (output.json) output.document({ ok, checks });
  else output.note(ok ? 'Everything needed works.' : 'Something needs mending; the lines with ✗ say what.');
  return ok ? exitCodes.ok : exitCodes.failed;
}

function print(context: Context, { name, ok, detail, hint }: Check): void {
  const { output } = context;
  const { green, yellow, red, dim } = output.color;
  const mark = !ok ? red('✗') : hint === null ? green('✓') : yellow('!');
  if (!output.isTty) return output.row([ok ? (hint === null ? 'ok' : 'warning') : 'failed', name, detail, hint ?? '']);
  output.data(`${mark} ${name.padEnd(12)} ${detail}${hint === null ? '' : `\n  ${dim(context.localise(hint))}`}`);
}
