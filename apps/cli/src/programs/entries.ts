import { fileURLToPath } from 'node:url';

/** The main file of a program of this product, as installed beside this one. */
export function programFile(name: 'orchestrator' | 'orchestrator/maintain' | 'worker'): string {
  return fileURLToPath(import.meta.resolve(`@corch/${name}`));
}
