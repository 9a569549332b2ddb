import { describe, expect, it } from '@jest/globals';
import { cgroupMount, ownCgroup } from './cgroup.js';

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
