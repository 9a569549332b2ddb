import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './process.mjs';

it('says what to do in a checkout that was not built', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'corch-checkout-'));
  try {
    cpSync(join(root, 'scripts'), join(checkout, 'scripts'), { recursive: true });
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, 'scripts/corch.mjs'), 'ls'], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'corch is not built in this checkout. Run `npm start`, which installs and builds what is needed, then try again.\n',
    });
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});
