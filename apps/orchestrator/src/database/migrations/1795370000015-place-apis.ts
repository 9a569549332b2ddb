import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the REST API of a repository's server is, when that does not follow from the address. */
export class PlaceApis1795370000015 implements MigrationInterface {
  readonly name = 'PlaceApis1795370000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE repositories ADD COLUMN api_url text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE repositories DROP COLUMN api_url');
  }
}
