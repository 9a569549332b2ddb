import { describe, expect, it } from '@jest/globals';
import { enrolLine } from './enrol-line.js';

describe('enrolLine', () => {
  it('keeps the token in a file of its owner', () => {
    expect(enrolLine('https://corch.example', 'corch_enrol_x')).toBe(
      `(umask 077 && printf '%s\\n' corch_enrol_x > ./corch-enrol.token) && ` +
        'corch worker start --url https://corch.example --token-file ./corch-enrol.token',
    );
  });

  it('is typed as the program is called here, and quotes what a shell would take apart', () => {
    const line = enrolLine("https://[::1]:1/o'x&y", 'corch_enrol_x', 'pnpm corch');
    expect(line).toContain(`&& pnpm corch worker start --url 'https://[::1]:1/o'\\''x&y' --token-file`);
  });
});
