import { z } from 'zod';
import { AddRepository, EditRepository, Repository } from '../repository.js';
import { Secret, SetSecret } from '../secret.js';
import { Name } from '../values.js';
import { api, listOf, route } from './route.js';

const repositoryParams = z.object({ repository: Name });
const secretParams = repositoryParams.extend({ secret: Name });

/** Registered repositories and their secrets. */
export const repositoryRoutes = {
  listRepositories: route({
    method: 'GET',
    path: `${api}/repositories`,
    access: 'read',
    tag: 'repositories',
    summary: 'List the registered repositories.',
    status: 200,
    response: listOf(Repository),
    errors: [],
  }),
  addRepository: route({
    method: 'POST',
    path: `${api}/repositories`,
    access: 'admin',
    tag: 'repositories',
    summary: 'Register a repository under a name.',
    body: AddRepository,
    status: 201,
    response: Repository,
    errors: ['validation_failed', 'repository_exists'],
  }),
  readRepository: route({
    method: 'GET',
    path: `${api}/repositories/:repository`,
    access: 'read',
    tag: 'repositories',
    summary: 'Read one registered repository.',
    params: repositoryParams,
    status: 200,
    response: Repository,
    errors: ['repository_not_found'],
  }),
  editRepository: route({
    method: 'PATCH',
    path: `${api}/repositories/:repository`,
    access: 'admin',
    tag: 'repositories',
    summary:
      'Change a repository. Trust, secrets and branch names hold from the next claim, defaults from the next submit.',
    params: repositoryParams,
    body: EditRepository,
    status: 200,
    response: Repository,
    errors: ['repository_not_found', 'repository_exists', 'validation_failed'],
  }),
  removeRepository: route({
    method: 'DELETE',
    path: `${api}/repositories/:repository`,
    access: 'admin',
    tag: 'repositories',
    summary: 'Forget a repository and its secrets. Its tasks stay, and go on as tasks of an unregistered address.',
    params: repositoryParams,
    status: 204,
    response: 'empty',
    errors: ['repository_not_found'],
  }),
  listSecrets: route({
    method: 'GET',
    path: `${api}/repositories/:repository/secrets`,
    access: 'read',
    tag: 'repositories',
    summary: 'List the secrets of a repository, without their values.',
    params: repositoryParams,
    status: 200,
    response: listOf(Secret),
    errors: ['repository_not_found'],
  }),
  setSecret: route({
    method: 'PUT',
    path: `${api}/repositories/:repository/secrets/:secret`,
    access: 'admin',
    tag: 'repositories',
    summary: 'Set or replace a secret of a repository. Its value is never shown again.',
    params: secretParams,
    body: SetSecret,
    status: 200,
    response: Secret,
    errors: ['repository_not_found', 'secret_key_unfit', 'validation_failed'],
  }),
  removeSecret: route({
    method: 'DELETE',
    path: `${api}/repositories/:repository/secrets/:secret`,
    access: 'admin',
    tag: 'repositories',
    summary: 'Remove a secret. Runs that need it fail and say so until it is set again.',
    params: secretParams,
    status: 204,
    response: 'empty',
    errors: ['repository_not_found', 'secret_not_found'],
  }),
};
