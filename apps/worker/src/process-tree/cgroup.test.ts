import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cgroupMount, ownCgroup, RunCgroup } from './cgroup.js';

const unified = '24 1 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const hybrid = [
  '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
  '41 31 0:38 / /sys/fs/cgroup/my\\040unified rw shared:9 - cgroup2 cgroup2 rw',
].join('\n');

describe('finding cgroup version 2', () => {
  it('reads the mount point, alone and beside version 1', () => {
    expect(cgroupMount(unified)).toBe('/sys/fs/cgroup');
    expect(cgroupMount(hybrid)).toBe('/sys/fs/cgroup/my unified');
    expect(cgroupMount('31 23 0:28 / / rw - ext4 /dev/sda rw')).toBeNull();
  });

  it('reads the own group', () => {
    expect(ownCgroup('8:pids:/a\n0::/user.slice/x.service\n')).toBe('/user.slice/x.service');
    expect(ownCgroup('8:pids:/a\n')).toBeNull();
  });
});

// Files of the same names in an ordinary folder: not every machine gives the controller to version 2.
describe('the limit of a group', () => {
  it('is written, and what the kernel refused is read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'corch-cgroup-'));
    const group = new RunCgroup(folder, 50);
    await group.prepare();
    expect(readFileSync(join(folder, 'pids.max'), 'utf8')).toBe('50');
    expect(group.hasLimit).toBe(true);
    expect(await group.refusals()).toBe(0);
    writeFileSync(join(folder, 'pids.events'), 'max 3\n');
    expect(await group.refusals()).toBe(3);
    rmSync(folder, { recursive: true });
  });
});
