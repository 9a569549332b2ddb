// Jest as native ESM. One file for all sizes of tests; `--selectProjects unit|integration|e2e|faults` picks one.

/** Legacy decorators without metadata, like tsconfig.base.json, so that tsc, tsx and swc agree. */
const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', tsx: true, decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: false,
      useDefineForClassFields: false,
      verbatimModuleSyntax: true,
      react: { runtime: 'automatic' },
    },
  },
};

/** In `.ts` files `<T>value` and `<T>() => …` are not JSX, so the two endings need their own parser setting. */
const swcWithoutJsx = { ...swc, jsc: { ...swc.jsc, parser: { ...swc.jsc.parser, tsx: false } } };

const shared = {
  testEnvironment: 'node',
  // Workspace packages export their TypeScript under `corch-source`. Jest adds `import` or `require` by itself; naming
  // `import` here would hand ES modules to CommonJS callers.
  testEnvironmentOptions: { customExportConditions: ['corch-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.tsx$': ['@swc/jest', swc], '\\.ts$': ['@swc/jest', swcWithoutJsx] },
  // Sources say `./x.js` as Node wants it. Installed packages have no `x.ts` beside their `x.js` and get the third.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.tsx', '$1.js'] },
  modulePathIgnorePatterns: ['/dist/', '/dist\\.', '<rootDir>/data/', '<rootDir>/coverage/'],
  setupFilesAfterEnv: ['<rootDir>/jest.setup.mjs'],
  restoreMocks: true,
};

const sources = ['<rootDir>/packages', '<rootDir>/apps', '<rootDir>/e2e', '<rootDir>/bench', '<rootDir>/scripts'];

/** @type {import('jest').Config} */
export default {
  maxWorkers: 2,
  // What a file loaded stays in memory (Jest keeps ES modules): two gigabytes after twenty files, and every program that
  // a test starts pays for a fork of that.
  workerIdleMemoryLimit: '250MB',
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['{packages,apps}/*/src/**/*.{ts,tsx}', '!**/*.test.{ts,tsx}', '!**/testing/**'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      roots: sources,
      testMatch: ['**/src/**/*.test.{ts,tsx}', '<rootDir>/scripts/**/*.test.mjs'],
      testPathIgnorePatterns: ['/node_modules/', '\\.int\\.test\\.tsx?$'],
      globals: { TEST_TIMEOUT_MS: 10_000 },
    },
    {
      ...shared,
      displayName: 'integration',
      roots: sources,
      testMatch: ['**/src/**/*.int.test.{ts,tsx}'],
      globals: { TEST_TIMEOUT_MS: 180_000 },
    },
    {
      ...shared,
      displayName: 'e2e',
      roots: ['<rootDir>/e2e', '<rootDir>/packages'],
      testMatch: ['<rootDir>/e2e/test/*.test.ts'],
      globals: { TEST_TIMEOUT_MS: 300_000 },
    },
    {
      ...shared,
      displayName: 'faults',
      roots: ['<rootDir>/e2e', '<rootDir>/packages'],
      testMatch: ['<rootDir>/e2e/test/faults/*.test.ts'],
      // What only Redis can do is tried when it has its turn.
      testPathIgnorePatterns: ['/node_modules/', ...(process.env.TEST_STORE === 'redis' ? [] : ['/faults/redis-'])],
      globals: { TEST_TIMEOUT_MS: 300_000 },
    },
  ],
};
