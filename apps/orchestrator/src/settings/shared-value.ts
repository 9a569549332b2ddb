import type { Database } from '../database/database.js';
import { SettingRow } from './setting.entity.js';

/** Reads a value that all orchestrators on a database share; the first of them makes it. */
export async function readOrMakeValue(database: Database, id: string, make: () => string): Promise<string> {
  const find = () => database.read.createQueryBuilder(SettingRow, 'setting').where({ id }).getOne();
  const existing = await find();
  if (existing !== null) return existing.value;
  await database.write((manager) =>
    manager.createQueryBuilder().insert().into(SettingRow).values({ id, value: make() }).orIgnore().execute(),
  );
  const made = await find();
  if (made === null) throw new Error(`the setting ${id} was not stored`);
  return made.value;
}
