/** A subject that orchestrators talk about. */
export type Subject = `run:${string}` | `worker:${string}` | 'changes';

/**
 * What orchestrators on one database tell each other. Only hints: whoever misses one finds the same in the database.
 *
 * A process that says something does not hear it itself.
 */
export abstract class Peers {
  /** Says something about a subject; lost while nobody can be reached. */
  abstract tell(subject: Subject, message: string): void;

  /**
   * Hears of a subject until the returned function is called; a message that the listener cannot read is noted and passed over.
   * @param ready called when everything that is said from now on will be heard; never when nobody else is there
   */
  abstract hear(subject: Subject, listener: (message: string) => void, ready?: () => void): () => void;

  /** Called when others may have said what was not heard: each second while they cannot be heard, and once after that. */
  abstract onGap(listener: () => void): void;

  abstract close(): Promise<void>;
}

/** Of an orchestrator that is alone. */
export class NoPeers extends Peers {
  override tell(): void {
    // Nobody is there.
  }

  override hear(): () => void {
    return () => undefined;
  }

  override onGap(): void {
    // Nothing is ever missed.
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
