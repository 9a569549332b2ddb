// Tells once when the receiver of traces goes away, and once when it is back. Its loss is no loss of the product's.
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Told the reason when spans are lost, and null when they arrive again. */
export type OnReceiver = (reason: string | null) => void;

export function watchReceiver(exporter: SpanExporter, onReceiver: OnReceiver): SpanExporter {
  let isAway = false;
  const note = ({ code, error }: ExportResult) => {
    const failed = code !== ExportResultCode.SUCCESS;
    if (failed !== isAway) onReceiver(failed ? (error?.message ?? 'it gave no reason') : null);
    isAway = failed;
  };
  return {
    export: (spans: ReadableSpan[], done: (result: ExportResult) => void) =>
      exporter.export(spans, (result) => {
        note(result);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
