// How git gets a password: it asks a helper whose text is constant, which answers from the environment of that one git process. The
// password is never an argument, never part of an address, and nothing writes it down.
import { parseRepositoryUrl, type RunSecret } from '@corch/contract';

const nameVariable = 'CORCH_GIT_USERNAME';
const valueVariable = 'CORCH_GIT_PASSWORD';

/** A program of the shell that git starts: `printf` is part of it, so that no process is started with the password in its arguments. */
const helper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${nameVariable}" "$${valueVariable}"; }; f`;

/**
 * Variables for a git process that talks to the remote `url`, and for no other. They give the password to this repository alone
 * (not to another on its server, nor to wherever that sends git on to), and switch off the helpers of the worker's user, which
 * would answer first, or keep what worked.
 *
 * Needs git 2.31 or newer; an older one asks without the password.
 */
export function gitCredential(url: string, { username, value }: RunSecret): Record<string, string> {
  const { scheme } = parseRepositoryUrl(url);
  if (scheme === 'ssh') return {};
  const settings = [
    ['credential.helper', ''],
    [`credential.${url}.helper`, helper],
    // The path counts, too, when git looks for who answers.
    [`credential.${url}.useHttpPath`, 'true'],
  ] as const;
  return {
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([name, text], index) => [
        [`GIT_CONFIG_KEY_${index}`, name],
        [`GIT_CONFIG_VALUE_${index}`, text],
      ]),
    ),
    [nameVariable]: username,
    [valueVariable]: value,
  };
}
