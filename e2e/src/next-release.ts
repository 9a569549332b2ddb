import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseOf } from './other-release.js';

/** A build of the orchestrator that is one minor version newer and has one migration more, which a test can stop half-way. */
export class NextRelease {
  readonly main: string;
  private readonly log: string;
  private readonly hold: string;

  constructor(folder: string) {
    this.main = releaseOf('orchestrator', '0.2.0', folder);
    this.log = join(folder, 'migrated');
    this.hold = join(folder, 'hold');
    const migrations = join(this.main, '../database/migrations');
    writeFileSync(join(migrations, 'add-mood.js'), addMood(this.log, this.hold));
    appendFileSync(
      join(migrations, 'index.js'),
      `\nimport { AddMood1999999999999 } from './add-mood.js';\nmigrations.push(AddMood1999999999999);\n`,
    );
  }

  /** How often its migration was begun. */
  get begun(): number {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').length : 0;
  }

  /** From now on its migration waits when it has done its work. */
  holdMigration(): void {
    writeFileSync(this.hold, '');
  }

  releaseMigration(): void {
    rmSync(this.hold, { force: true });
  }
}

/** One that changes a table that everybody uses, and its rows. */
const addMood = (log: string, hold: string) => `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { TableColumn } from 'typeorm';

export class AddMood1999999999999 {
  name = 'AddMood1999999999999';

  async up(runner) {
    appendFileSync(${JSON.stringify(log)}, '.');
    await runner.addColumn('runs', new TableColumn({ name: 'mood', type: 'text', default: "'new'" }));
    await runner.query("UPDATE runs SET mood = 'old', last_seq = last_seq + 0");
    while (existsSync(${JSON.stringify(hold)})) await delay(20);
  }

  async down(runner) {
    await runner.dropColumn('runs', 'mood');
  }
}
`;
