import { Inject, Injectable } from '@nestjs/common';
import { SubmitTask, type RepositorySource, type StartsFrom, type SubmittedTask } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { fieldErrors } from '../common/field-errors.js';
import { Database } from '../database/database.js';
import { invalid, RepositoriesService } from '../repositories/repositories.service.js';
import type { RepositoryRow } from '../repositories/repository.entity.js';
import { noSuch, withDefaults } from '../repositories/repository-rules.js';
import { StartChanges } from '../runs/start-changes.js';
import { schemaProblem } from './answer-schema.js';

/** A submit whose repository was found and whose defaults are filled in. */
export interface Submission {
  readonly task: Omit<SubmittedTask, 'repository'> & { repository?: RepositorySource };
  /** The name of the registered repository, if it is one. */
  readonly repositoryName: string | null;
  /** The change of another task, whose branch is the ref. */
  readonly startsFrom: StartsFrom | null;
}

/** Makes of what somebody asked for what is stored. */
@Injectable()
export class Submissions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(StartChanges) private readonly starts: StartChanges,
  ) {}

  /**
   * @param given the names of the fields that the submit itself holds; the others may come from the repository.
   * @throws AppError `repository_unknown`, or `validation_failed` when the defaults do not go with what was asked for, the ref is
   *   the branch of a task that has no change to start from, or the schema of the answer is none.
   */
  async complete(asked: SubmittedTask, given: readonly string[]): Promise<Submission> {
    const problem = asked.answerSchema === undefined ? null : schemaProblem(asked.answerSchema);
    if (problem !== null) throw invalid('answerSchema', `is no JSON Schema: ${problem}`);
    const found = await this.fill(asked, given);
    const { repository, ref } = found.task;
    if (repository === undefined || ref === undefined) return { ...found, startsFrom: null };
    const { repositoryName } = found;
    return { ...found, startsFrom: await this.starts.find(this.database.read, { repository, repositoryName, ref }) };
  }

  private async fill(asked: SubmittedTask, given: readonly string[]): Promise<Omit<Submission, 'startsFrom'>> {
    const { repository } = asked;
    if (repository === undefined || 'path' in repository)
      return { task: { ...asked, repository }, repositoryName: null };
    const row = await this.find(repository);
    if (row === undefined) return { task: { ...asked, repository: { url: urlOf(repository) } }, repositoryName: null };
    const { defaultBranch, defaults } = row;
    const ref = defaultBranch === null ? {} : { ref: defaultBranch };
    const parsed = SubmitTask.safeParse(withDefaults(asked, given, { ...ref, ...defaults }));
    if (!parsed.success) {
      const errors = fieldErrors(parsed.error, asked);
      const what = errors.map(({ pointer, message }) => `\`${pointer.slice(1)}\` ${message}`).join('; ');
      throw new AppError('validation_failed', `With the defaults of the repository ${row.name}, ${what}.`, { errors });
    }
    return { task: { ...parsed.data, repository: { url: row.url } }, repositoryName: row.name };
  }

  private async find(repository: { name: string } | { url: string }): Promise<RepositoryRow | undefined> {
    const { read } = this.database;
    if ('url' in repository) return (await this.repositories.byUrls(read, [repository.url])).get(repository.url);
    const row = await this.repositories.findByName(read, repository.name);
    if (row !== null) return row;
    const message = noSuch(repository.name, await this.repositories.names(read));
    throw new AppError('repository_unknown', message, {
      errors: [{ pointer: '/repository/name', code: 'repository_unknown', message: `is unknown: ${message}` }],
    });
  }
}

function urlOf(repository: { name: string } | { url: string }): string {
  if ('url' in repository) return repository.url;
  throw new TypeError('a name that is not registered was let through');
}
