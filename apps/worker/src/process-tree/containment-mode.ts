// The ways of holding a run's processes together, and what each can promise.

/** In the order in which `auto` tries them. */
export const containmentModes = ['cgroup', 'pidns', 'pdeathsig', 'scan', 'ps'] as const;
export type ContainmentMode = (typeof containmentModes)[number];

/** So many processes may one run have at once. */
export const defaultMaxProcesses = 1024;

const keeper = 'when the worker is killed, its keeper ends them';
const loose = 'a process that drops marker, parents and session between two looks gets away';

/** What holds and what does not, for `doctor`. */
export const containmentPromises: Readonly<Record<ContainmentMode, string>> = {
  cgroup: `each run in a cgroup of its own, nothing leaves it; ${keeper}`,
  pidns:
    'each run in a PID namespace of its own, nothing leaves it; when the worker is killed, the kernel ends it; under a user who is not root, sudo does not work inside',
  pdeathsig: `found by marker, kinship and session; when the worker is killed, the kernel ends the program and the keeper what it started; ${loose}`,
  scan: `found by marker, kinship and session; ${keeper}; ${loose}`,
  ps: `found by kinship and session, and by marker where ps shows it; ${keeper}; ${loose}`,
};
