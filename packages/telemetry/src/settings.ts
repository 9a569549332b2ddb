// What turns telemetry on: the standard variables of OpenTelemetry, and a DSN of Sentry. Everything else that OpenTelemetry knows
// (headers, sampler, sizes of the queue, attributes of the resource) its own libraries read from the environment.
import { z } from 'zod';

const protocols = ['http/protobuf', 'http/json'] as const;
const switched = z.string().transform((value) => /^(true|1)$/i.test(value));

/** The variables that the programs share, for the schema in their `config.ts`. */
export const telemetryVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.string().optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_SDK_DISABLED: switched.default(false),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  SENTRY_DSN: z.string().optional(),
  SENTRY_ENVIRONMENT: z.string().max(64).default('production'),
};
export type TelemetryVariables = z.output<z.ZodObject<typeof telemetryVariables>>;

/** Traces are sent. Where to and with which headers stands in the environment. */
export interface TraceSettings {
  readonly protocol: (typeof protocols)[number];
}

/** Unexpected errors are reported. */
export interface ErrorSettings {
  readonly dsn: string;
  readonly environment: string;
  /** Where proxies are named. */
  readonly network: Readonly<Record<string, string | undefined>>;
}

/** Null: off. */
export interface TelemetrySettings {
  readonly traces: TraceSettings | null;
  readonly errors: ErrorSettings | null;
}

/** Why these variables cannot be used, as a sentence without its full stop, or null. */
export function telemetryProblem(variables: TelemetryVariables): string | null {
  const { SENTRY_DSN: dsn } = variables;
  if (dsn !== undefined && !/^https?:\/\/\w+(:\w*)?@[\w.:[\]-]+\/(\S+\/)?\d+$/.test(dsn)) {
    return 'SENTRY_DSN must be a DSN such as https://KEY@HOST/PROJECT, as Sentry shows it under Client Keys';
  }
  if (!isTraced(variables)) return null;
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const) {
    const value = variables[name];
    if (value !== undefined && !isHttp(value)) return `${name} must be an address such as http://127.0.0.1:4318`;
  }
  if (protocolOf(variables) === undefined) {
    return `OTEL_EXPORTER_OTLP_PROTOCOL must be ${protocols.join(' or ')}; traces are not sent by gRPC`;
  }
  return null;
}

/**
 * What variables without a {@link telemetryProblem} ask for.
 *
 * @param network the environment, for its proxies
 */
export function telemetrySettings(
  variables: TelemetryVariables,
  network: Readonly<Record<string, string | undefined>>,
): TelemetrySettings {
  const { SENTRY_DSN: dsn, SENTRY_ENVIRONMENT: environment } = variables;
  const protocol = protocolOf(variables);
  return {
    traces: isTraced(variables) && protocol !== undefined ? { protocol } : null,
    errors: dsn === undefined ? null : { dsn, environment, network },
  };
}

function isTraced(variables: TelemetryVariables): boolean {
  const endpoint = variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? variables.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint !== undefined && !variables.OTEL_SDK_DISABLED && variables.OTEL_TRACES_EXPORTER !== 'none';
}

function protocolOf(variables: TelemetryVariables): TraceSettings['protocol'] | undefined {
  const asked = variables.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? variables.OTEL_EXPORTER_OTLP_PROTOCOL ?? protocols[0];
  return protocols.find((protocol) => protocol === asked);
}

function isHttp(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
