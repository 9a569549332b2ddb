// A child process of the tests: commits one transaction of several rows after the other, and says each number once it is kept.
import { openDatabase } from '../database/database.js';
import { PoolRow } from '../workers/pool.entity.js';

const [url = '', from = '0'] = process.argv.slice(2);
const database = await openDatabase(url);
for (let n = Number(from); ; n++) {
  // Long names: a commit of some pages is easier to hit than one of a row.
  const rows = Array.from({ length: 20 }, (_, part) => ({
    name: `${n}-${part}-${'x'.repeat(500)}`,
    paused: false,
    createdAt: n,
  }));
  await database.write(async (manager) => {
    await manager.createQueryBuilder().insert().into(PoolRow).values(rows).updateEntity(false).execute();
  });
  process.stdout.write(`${n}\n`);
}
