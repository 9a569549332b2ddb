import { describe, expect, it } from '@jest/globals';
import { claudeTelemetry } from './claude-telemetry.js';

const run = { runId: 'run_1', taskId: 'task_1' };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('claudeTelemetry', () => {
  it.each([
    ['without an endpoint', { OTEL_LOG_USER_PROMPTS: '1' }],
    ['with one for traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }],
    ['when OpenTelemetry is turned off', { ...endpoint, OTEL_SDK_DISABLED: 'true' }],
    ['when it is turned off for Claude Code', { ...endpoint, CLAUDE_CODE_ENABLE_TELEMETRY: '0' }],
  ])('is nothing %s', (_, environment) => {
    expect(claudeTelemetry(environment, run, 'parent')).toEqual({});
  });

  it('sends metrics and logs with the ids of the run, and no header of the worker', () => {
    const environment = { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret', SENTRY_DSN: 'secret' };
    expect(claudeTelemetry(environment, run, 'parent')).toEqual({
      ...endpoint,
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_RESOURCE_ATTRIBUTES: 'corch.run_id=run_1,corch.task_id=task_1',
      TRACEPARENT: 'parent',
    });
  });

  it('sends the headers that are meant for it', () => {
    const environment = { ...endpoint, WORKER_CLAUDE_OTLP_HEADERS: 'x-token=write-only' };
    expect(claudeTelemetry(environment, run, undefined)).toMatchObject({
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=write-only',
    });
  });

  it('keeps what else is known of the worker, but not the name of its service', () => {
    const environment = { ...endpoint, OTEL_RESOURCE_ATTRIBUTES: 'service.name=w, deployment.environment.name=prod,' };
    expect(claudeTelemetry(environment, run, undefined)['OTEL_RESOURCE_ATTRIBUTES']).toBe(
      'deployment.environment.name=prod,corch.run_id=run_1,corch.task_id=task_1',
    );
  });

  it('never writes between the lines of Claude Code', () => {
    const environment = { ...endpoint, OTEL_METRICS_EXPORTER: 'console', OTEL_LOGS_EXPORTER: 'none' };
    expect(claudeTelemetry(environment, run, undefined)).toMatchObject({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'none',
    });
  });

  it('sends spans when that is asked for', () => {
    const environment = { ...endpoint, CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1' };
    expect(claudeTelemetry(environment, run, 'parent')).toMatchObject({
      OTEL_TRACES_EXPORTER: 'otlp',
      CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
      TRACEPARENT: 'parent',
    });
  });
});
