/** Where the line below keeps the token, in the folder in which it is typed. */
const tokenFile = './corch-enrol.token';

/**
 * The one line that enrols and starts a worker on another machine. The token goes into a file that only its owner reads: `printf` is
 * part of the shell, so no list of processes and no environment shows it. Typed again, it starts the worker again.
 */
export function enrolLine(url: string, token: string, command = 'corch'): string {
  const keep = `(umask 077 && printf '%s\\n' ${quoted(token)} > ${tokenFile})`;
  return `${keep} && ${command} worker start --url ${quoted(url)} --token-file ${tokenFile}`;
}

function quoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
