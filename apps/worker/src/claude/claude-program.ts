// Finds Claude Code and checks it. The pinned package brings its program in a package for each platform; its install
// script, which would only link it, is never run.
import type { ClaudeProgram } from '@corch/contract';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { arch, platform } from 'node:process';
import { searchPath, type Environment } from '../config.js';
import { findProgram } from '../command/run-command.js';
import { runProgram } from './claude-process.js';

/**
 * Older ones lack what the worker relies on. 2.1.300 is the oldest release line with `terminal_reason` and
 * `queued_turn_count` in every result and with settings sources that can be empty.
 */
export const oldestClaude = '2.1.300';

/** It answers in 24 ms when the file is warm; reading 381 MB from a slow disk takes longer. */
const versionTimeoutMs = 60_000;

/** Finds the program that runs will use, and says in `problem` why it cannot be used. */
export async function findClaude(claudeBin: string | undefined, environment: Environment): Promise<ClaudeProgram> {
  const own = claudeBin === undefined ? packagedClaude() : await namedClaude(claudeBin, environment);
  if (own === null) {
    const problem =
      claudeBin === undefined
        ? `There is no Claude Code for ${platform}-${arch} in this installation. Install it and name it with --claude-bin.`
        : `${claudeBin} is not there or not executable. Name Claude Code with --claude-bin or CLAUDE_BIN.`;
    return { path: claudeBin ?? '', version: null, problem };
  }
  const version = await versionOf(own, environment);
  return { path: own, version, problem: version === null ? `${own} --version gave no version.` : tooOld(version, own) };
}

/** The program of the pinned package, beside the package itself. */
function packagedClaude(): string | null {
  const names = ['', '-musl'].map((libc) => `@anthropic-ai/claude-code-${platform}-${arch}${libc}`);
  try {
    const here = createRequire(import.meta.url);
    const beside = createRequire(here.resolve('@anthropic-ai/claude-code/package.json'));
    for (const name of names) {
      try {
        return beside.resolve(`${name}/claude`);
      } catch {
        continue;
      }
    }
  } catch {
    // The package itself is not installed.
  }
  return null;
}

async function namedClaude(name: string, environment: Environment): Promise<string | null> {
  const path = isAbsolute(name) || !name.includes('/') ? name : resolve(name);
  return findProgram(path, '/', searchPath(environment));
}

async function versionOf(path: string, environment: Environment): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    const env = { PATH: environment['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', DISABLE_AUTOUPDATER: '1' };
    const answer = await runProgram({ path, args: ['--version'], cwd: '/', env }, versionTimeoutMs);
    return answer.code === 0 ? (/^(\d+\.\d+\.\d+)/.exec(answer.stdout.trim())?.[1] ?? null) : null;
  } catch {
    return null;
  }
}

/** The sentence for a version that is too old; null for one that is not. */
export function tooOld(version: string, path: string): string | null {
  const [have, need] = [version, oldestClaude].map((text) => text.split('.').map(Number));
  for (const [index, part] of (need ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own > part) return null;
    if (own < part) {
      return `Claude Code ${version} (${path}) is too old: ${oldestClaude} or newer is needed. Update it with \`npm install -g @anthropic-ai/claude-code@latest\`, or leave --claude-bin out.`;
    }
  }
  return null;
}
