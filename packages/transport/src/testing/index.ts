export { ForwardProxy } from './forward-proxy.js';
export { makeCertificates, TlsFront, type Certificates } from './tls-front.js';
