export {
  telemetryProblem,
  telemetrySettings,
  telemetryVariables,
  type ErrorSettings,
  type TelemetrySettings,
  type TraceSettings,
} from './settings.js';
export {
  currentTraceId,
  currentTraceparent,
  detached,
  inSpan,
  startSpan,
  type Attributes,
  type Span,
  type SpanFacts,
  type SpanKind,
} from './tracing.js';
export { reportError } from './errors.js';
export { closeTelemetry, openTelemetry, type TelemetryOptions } from './open.js';
