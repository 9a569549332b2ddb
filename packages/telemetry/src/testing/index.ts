export { Receiver, type ReceivedLog, type ReceivedMetric, type ReceivedSpan, type SentryEvent } from './receiver.js';
