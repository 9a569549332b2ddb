import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { telemetryProblem, telemetrySettings, telemetryVariables } from './settings.js';

const Variables = z.object(telemetryVariables);
const settingsOf = (env: Record<string, string>) => telemetrySettings(Variables.parse(env), {});
const problemOf = (env: Record<string, string>) => telemetryProblem(Variables.parse(env));
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('telemetrySettings', () => {
  it('is off when nothing is set', () => {
    expect(settingsOf({})).toEqual({ traces: null, errors: null });
  });

  it.each([
    [endpoint, 'http/protobuf'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example.org/v1/traces' }, 'http/protobuf'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'http/json'],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      'http/json',
    ],
  ] as const)('%j sends traces by %s', (env, protocol) => {
    expect(problemOf(env)).toBeNull();
    expect(settingsOf(env).traces).toEqual({ protocol });
  });

  it.each<Record<string, string>>([
    { ...endpoint, OTEL_SDK_DISABLED: 'true' },
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ])('%j sends none, and is no problem', (env) => {
    expect(problemOf(env)).toBeNull();
    expect(settingsOf(env).traces).toBeNull();
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'gRPC'],
    [{ SENTRY_DSN: 'https://sentry.io/1' }, 'SENTRY_DSN'],
    [{ SENTRY_DSN: 'key@sentry.io/1' }, 'SENTRY_DSN'],
    [{ SENTRY_DSN: 'https://a-key@sentry.io/1' }, 'SENTRY_DSN'],
  ])('%j is refused with a sentence that names it', (env, named) => {
    expect(problemOf(env)).toContain(named);
  });

  it.each(['https://abc@o1.ingest.sentry.io/42', 'http://abc:def@127.0.0.1:9000/base/7'])('takes the DSN %s', (dsn) => {
    expect(problemOf({ SENTRY_DSN: dsn })).toBeNull();
    expect(settingsOf({ SENTRY_DSN: dsn }).errors).toEqual({ dsn, environment: 'production', network: {} });
  });
});
