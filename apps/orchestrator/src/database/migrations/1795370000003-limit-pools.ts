import { Table, TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, filledWith, index, long, millis, optional, primary, text } from '../table-columns.js';

/** Limits of pools, what workers were told of them, and whose turn it is among concurrency keys. */
export class LimitPools1795370000003 implements MigrationInterface {
  readonly name = 'LimitPools1795370000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('pools', columns(poolColumns));
    await runner.addColumns('workers', columns(workerColumns));
    await runner.addColumns('runs', columns(runColumns));
    await runner.query('UPDATE runs SET turn_key = dispatch_key');
    await runner.createTable(keyTurns());
    await runner.createIndices('runs', runIndices);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const one of runIndices) await runner.dropIndex('runs', one);
    await runner.dropTable('key_turns', true);
    for (const { name } of runColumns) await runner.dropColumn('runs', name);
    for (const { name } of workerColumns) await runner.dropColumn('workers', name);
    for (const { name } of poolColumns) await runner.dropColumn('pools', name);
  }
}

const poolColumns = [count('concurrency', optional), long('lost_after_cap_ms', optional)];

const runColumns = [long('turn_key', filledWith('0'))];

const workerColumns = [long('hand_over_ms', optional)];

function keyTurns(): Table {
  return new Table({
    name: 'key_turns',
    columns: [text('pool', primary), text('concurrency_key', primary), millis('served_at')],
    indices: [index('key_turns_by_time', ['pool', 'served_at'])],
  });
}

const runIndices = [
  // The heads of all keys of a pool, and what has none, each without a look at the rest of the line.
  index('runs_by_turn', ['pool', 'concurrency_key', 'turn_key', 'id'], { where: `status = 'queued'` }),
  index('runs_at_work', ['pool'], { where: `status = 'running'` }),
];

function columns(options: typeof poolColumns): TableColumn[] {
  return options.map((option) => new TableColumn(option));
}
