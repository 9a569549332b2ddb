// What the compiler does not see: forgotten promises, half-covered switches, and the imports that have one home.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const tests = ['**/*.test.{ts,tsx}', '**/src/testing/**', 'e2e/**', 'bench/**'];

/** Files that start programs; everything else goes through them. */
const startsPrograms = [
  'apps/worker/src/claude/claude-process.ts',
  'apps/worker/src/workspace/git*.ts',
  'apps/cli/src/programs/**/*.ts',
];

const childProcess = ['child_process', 'node:child_process'].map((name) => ({
  name,
  message: 'Programs are started in few places only: see startsPrograms in eslint.config.mjs.',
}));
const processModule = ['process', 'node:process'].map((name) => ({
  name,
  importNames: ['env'],
  message: 'Only config.ts reads the environment; take the value as an argument.',
}));

const otherApps = {
  group: [
    '@corch/orchestrator',
    '@corch/orchestrator/*',
    '@corch/worker',
    '@corch/worker/*',
    '@corch/dashboard',
    'claude-orchestrator',
  ],
  message: 'Apps never import each other; they meet over HTTP, in the words of @corch/contract.',
};

export default defineConfig(
  {
    ignores: [
      '**/dist/',
      '**/dist.*/',
      '**/data/',
      '**/coverage/',
      '**/test-results/',
      '**/fixtures/',
      '.stamps/',
      '.dependency-cruiser.cjs',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },

  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      // A handler may be async where the caller ignores what comes back, as in JSX attributes.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      // Nest reads empty classes; that they carry a decorator says enough.
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },

  // The environment is read once, in config.ts; the tests and scripts make their own.
  {
    files: ['{apps,packages}/*/src/**/*.{ts,tsx}'],
    ignores: ['**/config.ts', ...tests],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only config.ts reads the environment; take the value as an argument.',
        },
      ],
      'no-restricted-imports': ['error', { paths: [...childProcess, ...processModule], patterns: [otherApps] }],
    },
  },
  {
    files: startsPrograms,
    rules: { 'no-restricted-imports': ['error', { paths: processModule, patterns: [otherApps] }] },
  },

  // In the browser the network has one door: the client of the contract.
  {
    files: ['{apps,packages}/*/src/**/*.{ts,tsx}'],
    ignores: ['packages/contract/src/client/**', ...tests],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Talk to the server through @corch/contract/client.' },
        { name: 'EventSource', message: 'Talk to the server through @corch/contract/client.' },
        { name: 'XMLHttpRequest', message: 'Talk to the server through @corch/contract/client.' },
      ],
    },
  },

  {
    files: ['apps/dashboard/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended, jsxA11y.flatConfigs.recommended],
    languageOptions: { globals: globals.browser },
    rules: {
      // A block that scrolls has to be reachable by keyboard (axe: scrollable-region-focusable).
      'jsx-a11y/no-noninteractive-tabindex': [
        'error',
        { roles: ['group', 'region', 'tabpanel', 'log'], tags: ['pre'] },
      ],
    },
  },

  // Node's test runner of choice: assertions on methods and on `expect.any` trip the typed rules without a gain.
  {
    files: tests,
    rules: {
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
  prettier,
);
