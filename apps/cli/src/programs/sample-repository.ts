import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sampleRepository } from '@corch/scripted-model';
import type { Environment } from '../config.js';
import { git } from './git.js';

/** Fixed, so that the commit has the same name everywhere. */
const identity = {
  GIT_AUTHOR_NAME: 'corch sample',
  GIT_AUTHOR_EMAIL: 'sample@corch.invalid',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'corch sample',
  GIT_COMMITTER_EMAIL: 'sample@corch.invalid',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  // Signing, hooks and templates of the person do not belong here.
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** Writes the sample project as a git repository with one commit; one that is there is left as it is. */
export async function writeSampleRepository(folder: string, environment: Environment): Promise<void> {
  if (existsSync(join(folder, '.git'))) return;
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  for (const [path, content] of Object.entries(sampleRepository.files)) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    await writeFile(join(draft, path), content);
  }
  const commands = [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'Start'],
  ];
  for (const command of commands) {
    const { ok, stderr } = await git(command, { ...environment, ...identity }, draft);
    if (!ok) throw new Error(`git ${command.join(' ')} failed: ${stderr}`);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}
