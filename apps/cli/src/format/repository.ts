import type { Repository, Secret } from '@corch/contract';
import type { Output } from '../output.js';
import { printField } from './fields.js';

/** One repository with everything that is kept of it. */
export function printRepository(output: Output, repository: Repository, secrets?: readonly Secret[]): void {
  if (output.json) return output.document(secrets === undefined ? repository : { ...repository, secrets });
  const { name, url, defaultBranch, trusted, branchTemplate, defaults } = repository;
  const secret = (used: string | null) => {
    if (used === null) return undefined;
    const found = secrets?.find((one) => one.name === used);
    if (secrets === undefined || found?.readable === true) return used;
    return `${used} (${found === undefined ? 'not set' : 'cannot be read: the key is another one'})`;
  };
  printField(output, 'name', name);
  printField(output, 'url', url);
  printField(output, 'branch', defaultBranch ?? undefined);
  printField(output, 'trusted', trusted ? 'yes: its settings, hooks and MCP servers take part' : 'no');
  printField(output, 'git secret', secret(repository.gitSecret));
  printField(output, 'api secret', secret(repository.apiSecret));
  printField(output, 'branches', branchTemplate ?? undefined);
  for (const [field, value] of Object.entries(defaults)) {
    printField(output, field, typeof value === 'string' ? value : JSON.stringify(value));
  }
}
