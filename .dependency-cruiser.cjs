// Who may import whom. The picture is in ARCHITECTURE.md; what holds for single names (process.env, fetch) is in
// eslint.config.mjs.

const TESTS = '([.]test[.]tsx?$)|(/src/testing/)';
const CONTRACT_CLIENT = '^packages/contract/src/client/';

/** Inside the orchestrator: tasks → runs → dispatch, workers. These two stand at the end and look at nobody above. */
const lower = (names) => `^apps/orchestrator/src/(${names.join('|')})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A circle has no first file to read.',
      severity: 'error',
      from: {},
      // Entities name each other as types; a type import is gone at run time.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports it and it imports nobody: delete it, or name the program that starts it here.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['[.]d[.]ts$', TESTS, '/vite[.]config[.]ts$', '/main[.]tsx?$', '^apps/dashboard/public/'],
      },
      to: {},
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'nothing-undeclared',
      comment: 'Declare the package in the package.json of the folder that imports it.',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-tools-in-programs',
      comment: 'What runs for the user must be among the dependencies, not the devDependencies.',
      severity: 'error',
      from: { path: '^(apps/(cli|orchestrator|worker)|packages/[^/]+)/src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contract-knows-nobody',
      comment: 'The contract runs in the browser too: no Node, no framework, no other package of this workspace.',
      severity: 'error',
      from: { path: '^packages/contract/src/', pathNot: TESTS },
      to: {
        path: '^(apps|packages/(?!contract/)|e2e|bench)/|(^|/)node_modules/(@nestjs|react|react-dom|typeorm|fastify)/',
      },
    },
    {
      name: 'contract-without-node',
      severity: 'error',
      from: { path: '^packages/contract/src/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-below-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|e2e|bench)/' },
    },
    {
      name: 'apps-stay-apart',
      comment: 'Programs meet over HTTP, in the words of the contract. The CLI only looks up where the others lie.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-tests-in-programs',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: TESTS },
      to: { path: `${TESTS}|^(e2e|bench)/` },
    },
    {
      name: 'e2e-from-outside',
      comment: 'What a promise test needs of a program, it gets as a user does: commands and HTTP.',
      severity: 'error',
      from: { path: '^(e2e|bench)/' },
      to: { path: '^apps/' },
    },

    {
      name: 'orchestrator-runs-below-tasks',
      severity: 'error',
      from: { path: lower(['runs']), pathNot: TESTS },
      to: { path: lower(['tasks']), pathNot: '[.]entity[.]ts$' },
    },
    {
      name: 'orchestrator-ends-of-the-line',
      comment: 'dispatch and workers are used by runs, never the other way.',
      severity: 'error',
      from: { path: lower(['dispatch', 'workers']), pathNot: TESTS },
      to: { path: lower(['tasks', 'runs']), pathNot: '[.]entity[.]ts$' },
    },
    {
      name: 'orchestrator-foundations',
      comment: 'common and database serve every folder and know none of them; database lists the entities.',
      severity: 'error',
      from: { path: lower(['common', 'database']), pathNot: TESTS },
      to: { path: lower(['tasks', 'runs', 'dispatch', 'workers']), pathNot: '[.]entity[.]ts$' },
    },

    {
      name: 'bullmq-home',
      severity: 'error',
      from: {
        pathNot: [
          '^apps/orchestrator/src/(dispatch|jobs|redis)/',
          '^apps/worker/src/bullmq-claims[.]ts$',
          '^e2e/src/soak/store-sizes[.]ts$',
          '^bench/',
          TESTS,
        ],
      },
      to: { path: '(^|/)node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'typeorm-home',
      comment:
        'SQL lives in entities, repositories and database/. A service may hand a transaction on, which takes its type only.',
      severity: 'error',
      from: {
        pathNot: ['[.]entity[.]ts$', '[.]repository[.]ts$', '^apps/orchestrator/src/database/', TESTS],
      },
      to: { path: '(^|/)node_modules/typeorm/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sql-drivers-home',
      severity: 'error',
      from: { pathNot: ['^apps/orchestrator/src/database/', '^bench/', '^e2e/src/dump-store[.]ts$', TESTS] },
      to: { path: '(^|/)node_modules/(libsql|pg)/' },
    },
    {
      name: 'http-home',
      comment:
        'One client, one retry policy: @corch/contract/client. What carries it through proxies: @corch/transport.',
      severity: 'error',
      from: { pathNot: [CONTRACT_CLIENT, TESTS, '^packages/transport/src/dispatcher[.]ts$'] },
      to: { path: '(^|/)node_modules/(axios|eventsource-parser|undici)/' },
    },
    {
      name: 'telemetry-home',
      comment: 'Programs speak of spans and errors in the words of @corch/telemetry.',
      severity: 'error',
      from: { pathNot: ['^packages/telemetry/src/(otel|sentry|watch-receiver)[.]ts$', TESTS] },
      to: { path: '(^|/)node_modules/(@opentelemetry|@sentry)/' },
    },
    {
      name: 'telemetry-on-demand',
      comment: 'As long as nothing has turned it on, none of its libraries is loaded.',
      severity: 'error',
      from: { pathNot: ['^packages/telemetry/src/(otel|sentry|watch-receiver)[.]ts$', TESTS] },
      to: { path: '^packages/telemetry/src/(otel|sentry|watch-receiver)[.]ts$', dynamic: false },
    },
    {
      name: 'dashboard-ui-knows-no-domain',
      comment: 'ui/ holds buttons and tables, not tasks and runs.',
      severity: 'error',
      from: { path: '^apps/dashboard/src/ui/', pathNot: TESTS },
      to: { path: '^(apps/dashboard/src/(?!ui/)|packages/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|dist[.][a-z]+|data|coverage|fixtures)/' },
    tsPreCompilationDeps: 'specify',
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['corch-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
    tsConfig: { fileName: 'tsconfig.base.json' },
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
  },
};
