import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AddRepository } from '@corch/contract';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { describeOnEachStore } from '../testing/stores.js';
import type { Domain } from '../testing/domain.js';
import { SecretsService } from './secrets.service.js';

describeOnEachStore('the key of the secrets', (store) => {
  let domain: Domain;
  beforeEach(async () => {
    domain = await store.open();
  });
  afterEach(() => domain.close());

  it('is made by an orchestrator that is alone; several must be given one', async () => {
    const repository = AddRepository.parse({ name: 'api', url: 'https://git.example.org/a.git' });
    await domain.app.get(RepositoriesService).add(repository, 'admin');
    const set = domain.app.get(SecretsService).set('api', 'token', { value: 'long enough' }, 'admin');
    if (store.name !== 'redis') return expect(await set).toMatchObject({ readable: true });
    await expect(set).rejects.toMatchObject({
      code: 'secret_key_unfit',
      detail: expect.stringContaining('SECRET_KEY is not set'),
    });
    expect(await domain.app.get(SecretsService).list('api')).toEqual([]);
  });
});
