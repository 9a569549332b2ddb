export { TransportError } from './transport-error.js';
export { openTransport, type TransportSettings } from './transport.js';
