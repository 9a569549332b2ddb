import { z } from 'zod';
import { AddRule, ApprovalRule, EditRule, PreviewRule } from '../approval-rule.js';
import {
  Approval,
  ApprovalPage,
  ApprovalQuery,
  CloseApproval,
  DecideApproval,
  ReportApproval,
  ReportedApproval,
} from '../approval.js';
import { ApprovalId, Name, RuleId } from '../values.js';
import { api, listOf, route, runParams } from './route.js';

const approvalParams = z.object({ approvalId: ApprovalId });
const repositoryParams = z.object({ repository: Name });
const ruleParams = repositoryParams.extend({ ruleId: RuleId });

/** What Claude asks people, their decisions, and the rules that decide for them. */
export const approvalRoutes = {
  listApprovals: route({
    method: 'GET',
    path: `${api}/approvals`,
    access: 'read',
    tag: 'approvals',
    summary: 'List what was asked and decided, oldest first, by keyset pages that stay stable while more is asked.',
    query: ApprovalQuery,
    status: 200,
    response: ApprovalPage,
    errors: ['unknown_parameter', 'repository_not_found'],
  }),
  readApproval: route({
    method: 'GET',
    path: `${api}/approvals/:approvalId`,
    access: 'read',
    tag: 'approvals',
    summary: 'Read one request and what was decided.',
    params: approvalParams,
    status: 200,
    response: Approval,
    errors: ['approval_not_found'],
  }),
  decideApproval: route({
    method: 'POST',
    path: `${api}/approvals/:approvalId/decide`,
    access: 'submit',
    tag: 'approvals',
    summary: 'Allow, deny or answer. The first decision counts; a later one is told who made it.',
    params: approvalParams,
    body: DecideApproval,
    status: 200,
    response: Approval,
    errors: ['approval_not_found', 'approval_decided', 'validation_failed'],
  }),
  listRules: route({
    method: 'GET',
    path: `${api}/repositories/:repository/rules`,
    access: 'read',
    tag: 'approvals',
    summary: 'List the approval rules of a repository in their order; the first that fits counts.',
    params: repositoryParams,
    status: 200,
    response: listOf(ApprovalRule),
    errors: ['repository_not_found'],
  }),
  addRule: route({
    method: 'POST',
    path: `${api}/repositories/:repository/rules`,
    access: 'admin',
    tag: 'approvals',
    summary: 'Add a rule. It decides what is asked from now on, not what is open already.',
    params: repositoryParams,
    body: AddRule,
    status: 201,
    response: ApprovalRule,
    errors: ['repository_not_found', 'validation_failed'],
  }),
  previewRule: route({
    method: 'POST',
    path: `${api}/repositories/:repository/rules/preview`,
    access: 'read',
    tag: 'approvals',
    summary:
      'Which of the newest 1,000 requests of the repository a rule would have decided, newest first, at most 100.',
    params: repositoryParams,
    body: PreviewRule,
    status: 200,
    response: z.object({
      /** How many requests were looked at. */
      looked: z.number().int(),
      /** How many of them it fits. */
      fits: z.number().int(),
      data: z.array(Approval),
    }),
    errors: ['repository_not_found', 'validation_failed'],
  }),
  editRule: route({
    method: 'PATCH',
    path: `${api}/repositories/:repository/rules/:ruleId`,
    access: 'admin',
    tag: 'approvals',
    summary: 'Change a rule or its place.',
    params: ruleParams,
    body: EditRule,
    status: 200,
    response: ApprovalRule,
    errors: ['repository_not_found', 'rule_not_found', 'validation_failed'],
  }),
  removeRule: route({
    method: 'DELETE',
    path: `${api}/repositories/:repository/rules/:ruleId`,
    access: 'admin',
    tag: 'approvals',
    summary: 'Remove a rule. What it decided stays decided.',
    params: ruleParams,
    status: 204,
    response: 'empty',
    errors: ['repository_not_found', 'rule_not_found'],
  }),
  reportApproval: route({
    method: 'POST',
    path: `${api}/runs/:runId/approvals`,
    access: 'run',
    tag: 'worker protocol',
    summary:
      'Tell that Claude asks for a decision. Repeating it is harmless; what is decided already is answered at once.',
    params: runParams,
    body: ReportApproval,
    status: 200,
    response: ReportedApproval,
    errors: ['stale_lease', 'run_not_found', 'validation_failed'],
  }),
  closeApproval: route({
    method: 'POST',
    path: `${api}/runs/:runId/approvals/:approvalId/close`,
    access: 'run',
    tag: 'worker protocol',
    summary: 'Tell that Claude got the decision, or does not wait for it any more. Repeating it is harmless.',
    params: runParams.extend(approvalParams.shape),
    body: CloseApproval,
    status: 204,
    response: 'empty',
    errors: ['stale_lease', 'run_not_found', 'approval_not_found', 'validation_failed'],
  }),
};
