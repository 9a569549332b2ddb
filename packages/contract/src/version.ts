/** The version of the product: one for orchestrator, worker, CLI and dashboard. A test holds it against the package files. */
export const version = '0.1.0';
