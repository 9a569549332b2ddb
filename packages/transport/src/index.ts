export { TransportError } from './transport-error.js';
export { openFetch, openTransport, type TransportSettings } from './transport.js';
