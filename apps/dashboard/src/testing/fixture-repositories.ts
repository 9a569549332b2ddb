import type {
  AddRepository,
  AddRule,
  ApprovalRule,
  EditRepository,
  EditRule,
  Repository,
  RouteName,
  Secret,
  SetSecret,
} from '@corch/contract';
import type { Answerer, Asked } from './fixture-answers.js';
import { Failure } from './fixture-failure.js';
import type { World } from './fixture-world.js';
import { ago, makeId } from './make.js';

function makeRepository(n: number, part: Partial<Repository> = {}): Repository {
  return {
    ...{ id: makeId('repo', n), name: `repo-${n}`, url: `https://git.example.org/acme/repo-${n}.git` },
    ...{ defaultBranch: null, trusted: false, gitSecret: null, apiSecret: null, apiUrl: null },
    ...{ branchTemplate: null, defaults: {} },
    ...{ createdAt: ago(9000), updatedAt: ago(900) },
    ...part,
  };
}

function makeRule(n: number, part: Partial<ApprovalRule> = {}): ApprovalRule {
  return {
    ...{ id: makeId('rule', n), tool: 'Bash', match: 'npm test *', decision: 'allow', message: null },
    ...{ createdAt: ago(800), createdBy: 'admin' },
    ...part,
  };
}

/** One with everything, one with nothing. */
export function sampleRepositories(): Pick<World, 'repositories' | 'secrets' | 'rules'> {
  const secret: Secret = {
    ...{ repository: 'api', name: 'token', username: null, uses: ['git', 'api'], readable: true },
    ...{ createdAt: ago(8000), updatedAt: ago(4000), updatedBy: 'admin' },
  };
  const api = makeRepository(1, {
    ...{ name: 'api', url: 'https://git.example.org/acme/api.git', defaultBranch: 'main', trusted: true },
    ...{ gitSecret: 'token', apiSecret: 'token', branchTemplate: 'bot/{task}-{title}' },
    defaults: {
      ...{ model: 'opus', permissionPolicy: 'ask', timeoutSeconds: 3600, labels: ['team=core'] },
      checks: ['npm test', 'npm run lint'],
    },
  });
  const force = { match: 'git push --force *', decision: 'deny', message: 'Nobody rewrites main.' } as const;
  return {
    repositories: [api, makeRepository(2, { name: 'site', url: 'https://git.example.org/acme/site.git' })],
    secrets: [secret],
    rules: new Map([['api', [makeRule(1), makeRule(2, force)]]]),
  };
}

function repositoryOf({ params }: Asked, world: World): Repository {
  const found = world.repositories.find(({ name }) => name === params['repository']);
  if (found === undefined) throw new Failure('repository_not_found');
  return found;
}

function rulesOf(asked: Asked, world: World): ApprovalRule[] {
  const { name } = repositoryOf(asked, world);
  const rules = world.rules.get(name) ?? [];
  world.rules.set(name, rules);
  return rules;
}

/** Takes a rule out and puts it in its place; behind all others without one. */
function place(rules: ApprovalRule[], rule: ApprovalRule, position = rules.length + 1): ApprovalRule {
  const before = rules.indexOf(rule);
  if (before !== -1) rules.splice(before, 1);
  rules.splice(position - 1, 0, rule);
  return rule;
}

export const repositoryAnswerers: Partial<Record<RouteName, Answerer>> = {
  listRepositories: (_, { world }) => ({ data: world.repositories }),
  readRepository: (asked, { world }) => repositoryOf(asked, world),
  addRepository: ({ body }, { world }) => {
    const added = body as AddRepository;
    if (world.repositories.some(({ name }) => name === added.name)) throw new Failure('repository_exists');
    const repository = makeRepository(10 + world.repositories.length, added as Partial<Repository>);
    world.repositories.push(repository);
    return repository;
  },
  editRepository: (asked, { world }) => Object.assign(repositoryOf(asked, world), asked.body as EditRepository),
  removeRepository: (asked, { world }) => {
    const gone = repositoryOf(asked, world);
    world.repositories = world.repositories.filter((other) => other !== gone);
  },
  listSecrets: (asked, { world }) => {
    const { name } = repositoryOf(asked, world);
    return { data: world.secrets.filter(({ repository }) => repository === name) };
  },
  setSecret: (asked, { world }) => {
    const { name: repository } = repositoryOf(asked, world);
    const name = asked.params['secret'] ?? '';
    const { username = null, uses = [] } = asked.body as SetSecret;
    const others = world.secrets.filter((other) => other.repository !== repository || other.name !== name);
    const times = { createdAt: ago(0), updatedAt: ago(0) };
    const secret: Secret = { repository, name, username, uses, readable: true, ...times, updatedBy: 'admin' };
    world.secrets = [...others, secret];
    return secret;
  },
  removeSecret: (asked, { world }) => {
    world.secrets = world.secrets.filter(({ name }) => name !== asked.params['secret']);
  },
  listRules: (asked, { world }) => ({ data: rulesOf(asked, world) }),
  addRule: (asked, { world }) => {
    const { position, ...rule } = asked.body as AddRule;
    const rules = rulesOf(asked, world);
    return place(rules, makeRule(10 + rules.length, rule), position);
  },
  editRule: (asked, { world }) => {
    const rules = rulesOf(asked, world);
    const rule = rules.find(({ id }) => id === asked.params['ruleId']);
    if (rule === undefined) throw new Failure('rule_not_found');
    const { position, ...part } = asked.body as EditRule;
    Object.assign(rule, part);
    return position === undefined ? rule : place(rules, rule, position);
  },
  removeRule: (asked, { world }) => {
    const rules = rulesOf(asked, world);
    rules.splice(
      rules.findIndex(({ id }) => id === asked.params['ruleId']),
      1,
    );
  },
  previewRule: (_, { world }) => {
    const data = world.approvals.filter(({ kind }) => kind === 'permission');
    return { looked: world.approvals.length, fits: data.length, data };
  },
};
