// Claude Code's own metrics and logs, sent to where the worker's traces go and found by the ids of the run. Pure.
//
// Seen on 2.1.330: it sends them also with DISABLE_TELEMETRY=1, which is about its maker, and sends what is left before it ends.
import type { Environment } from '../config.js';

/** Where to, how, and how often; and what an operator lets it say beyond numbers. Never the headers of the worker. */
const passed = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
  'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
  'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
  'OTEL_EXPORTER_OTLP_CERTIFICATE',
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_LOGS_EXPORT_INTERVAL',
  'OTEL_METRICS_INCLUDE_SESSION_ID',
  'OTEL_METRICS_INCLUDE_VERSION',
  'OTEL_METRICS_INCLUDE_ACCOUNT_UUID',
  'OTEL_LOG_USER_PROMPTS',
  'OTEL_LOG_TOOL_DETAILS',
  'OTEL_LOG_TOOL_CONTENT',
] as const;

/** Its spans, which its maker calls a beta: only for those who ask for them by name. */
const tracesSwitch = 'CLAUDE_CODE_ENHANCED_TELEMETRY_BETA';
const traces = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] as const;

/** Whether the variable says no. */
const isOff = (value: string | undefined) => value !== undefined && /^(0|false)$/i.test(value);
const isOn = (value: string | undefined) => value !== undefined && /^(1|true)$/i.test(value);

/**
 * What Claude Code gets in its environment; nothing when there is no endpoint, or when it was turned off.
 *
 * @param traceparent where its own spans belong
 */
export function claudeTelemetry(
  environment: Environment,
  run: { readonly runId: string; readonly taskId: string },
  traceparent: string | undefined,
): Record<string, string> {
  if (!hasEndpoint(environment) || isOff(environment['CLAUDE_CODE_ENABLE_TELEMETRY'])) return {};
  const tracesToo = isOn(environment[tracesSwitch]);
  const headers = environment['WORKER_CLAUDE_OTLP_HEADERS'];
  return {
    ...taken(environment, tracesToo ? [...passed, ...traces] : passed),
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    // Anything else would write between its lines, or open a port.
    OTEL_METRICS_EXPORTER: environment['OTEL_METRICS_EXPORTER'] === 'none' ? 'none' : 'otlp',
    OTEL_LOGS_EXPORTER: environment['OTEL_LOGS_EXPORTER'] === 'none' ? 'none' : 'otlp',
    OTEL_TRACES_EXPORTER: tracesToo ? 'otlp' : 'none',
    OTEL_EXPORTER_OTLP_PROTOCOL: environment['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/protobuf',
    OTEL_RESOURCE_ATTRIBUTES: resource(environment, run),
    ...(tracesToo && { [tracesSwitch]: '1' }),
    ...(headers !== undefined && headers !== '' && { OTEL_EXPORTER_OTLP_HEADERS: headers }),
    ...(traceparent !== undefined && { TRACEPARENT: traceparent }),
  };
}

function hasEndpoint(environment: Environment): boolean {
  if (isOn(environment['OTEL_SDK_DISABLED'])) return false;
  const names = ['', '_METRICS', '_LOGS'].map((signal) => `OTEL_EXPORTER_OTLP${signal}_ENDPOINT`);
  return names.some((name) => Boolean(environment[name]));
}

/** The worker's own, but for the name of its service: Claude Code is one of its own. */
function resource(environment: Environment, { runId, taskId }: { runId: string; taskId: string }): string {
  const own = (environment['OTEL_RESOURCE_ATTRIBUTES'] ?? '')
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes('=') && !/^(service|corch)\./.test(pair));
  return [...own, `corch.run_id=${runId}`, `corch.task_id=${taskId}`].join(',');
}

function taken(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}
