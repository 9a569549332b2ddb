import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { count } from '../format/text.js';
import { parseDurationOrNone } from '../parse/duration.js';
import { noneIsNull, parseWholeOrNone } from '../parse/values.js';
import { tellPool } from '../tell-pool.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly concurrency?: number | 'none';
  readonly lostAfterCap?: number | 'none';
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<pool>', 'the name of a pool')
    .option('--concurrency <n|none>', 'the most runs of the pool at once', parseWholeOrNone(1, 100_000))
    .option(
      '--lost-after-cap <time|none>',
      'how long workers may be away at most before their runs go to others, such as 2m; none for what the orchestrator is set to',
      parseDurationOrNone,
    )
    .action((pool: string, flags: Flags) => invocation.run((context) => set(context, pool, flags)));
};

async function set(context: Context, name: string, { concurrency, lostAfterCap }: Flags): Promise<void> {
  if (concurrency === undefined && lostAfterCap === undefined) {
    throw new CliError(exitCodes.usage, 'Nothing to set.', 'Give --concurrency, --lost-after-cap or both.');
  }
  const body = {
    ...(concurrency !== undefined && { concurrency: noneIsNull(concurrency) }),
    ...(lostAfterCap !== undefined && { lostAfterCapSeconds: noneIsNull(lostAfterCap) }),
  };
  const pool = await (await context.client()).editPool({ params: { name }, body });
  const isOver = pool.concurrency !== null && pool.running > pool.concurrency;
  tellPool(
    context,
    pool,
    isOver ? [`${count(pool.running, 'run')} work there and go on; nothing new starts until then.`] : [],
  );
}
