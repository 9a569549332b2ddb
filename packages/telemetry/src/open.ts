// Turns telemetry on at the start of a program, and off at its end. Neither a receiver that is away nor one that is slow may hold
// the program up.
import { useReporter } from './errors.js';
import type { TelemetrySettings } from './settings.js';
import { useTracer } from './tracing.js';

/** What is not sent by then is lost: whoever stops a program has not come for its traces. */
const closeMs = 2_000;

export interface TelemetryOptions {
  readonly settings: TelemetrySettings;
  /** `corch-worker`. */
  readonly service: string;
  readonly version: string;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
  readonly logger: {
    info(sentence: string, fields: Record<string, unknown>): void;
    warn(sentence: string, fields: Record<string, unknown>): void;
  };
}

const closers: ((ms: number) => Promise<boolean>)[] = [];

/** Loads what the settings ask for. Never throws: the program is there for something else. */
export async function openTelemetry(options: TelemetryOptions): Promise<void> {
  const { settings, logger } = options;
  const orWarn = async (sentence: string, open: () => Promise<void>) => {
    try {
      await open();
    } catch (error) {
      logger.warn(sentence, { error });
    }
  };
  if (settings.traces !== null) await orWarn('traces cannot be sent', () => openTraces(options, settings.traces));
  if (settings.errors !== null) await orWarn('errors cannot be reported', () => openErrors(options, settings.errors));
}

/**
 * Sends what is left, for two seconds at most, and makes nothing new.
 * @returns false when the time was over first: requests that are under way would keep the process
 */
export async function closeTelemetry(ms = closeMs): Promise<boolean> {
  const all = closers.splice(0).map((close) => close(ms).catch(() => false));
  useTracer(null);
  useReporter(null);
  if (all.length === 0) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const sent = Promise.all(all).then((each) => each.every(Boolean));
  return Promise.race([sent, late]).finally(() => clearTimeout(timer));
}

async function openTraces({ service, version, logger }: TelemetryOptions, settings: TelemetrySettings['traces']) {
  if (settings === null) return;
  const { OtelTracer } = await import('./otel.js');
  const onReceiver = (reason: string | null) =>
    reason === null
      ? logger.info('the receiver of traces takes them again', {})
      : logger.warn('the receiver of traces does not take them; they are dropped', { reason });
  const tracer = await OtelTracer.open({ settings, service, version, onReceiver });
  useTracer(tracer);
  closers.push(() => tracer.close().then(() => true));
}

async function openErrors(options: TelemetryOptions, settings: TelemetrySettings['errors']) {
  if (settings === null) return;
  const { SentryReporter } = await import('./sentry.js');
  const reporter = await SentryReporter.open({ ...options, settings });
  useReporter(reporter);
  closers.push((ms) => reporter.close(ms));
}
