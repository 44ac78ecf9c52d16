/** So many attempts that got nowhere, and the job is to blame. */
const maxAttempts = 3;
const retryMs = 5_000;
const postponeMs = 10 * 60_000;

interface Trouble {
  readonly attempts: number;
  readonly retryMs: number;
}

/** Which jobs broke off, how often, and when each may be tried again. */
export class Attempts {
  readonly #trouble = new Map<number, Trouble>();

  isReady(job: number, nowMs: number): boolean {
    return nowMs >= (this.#trouble.get(job)?.retryMs ?? 0);
  }

  /** The attempt broke off: the pause before the next one in ms, or how many there were when there is to be none. */
  brokeOff(job: number, nowMs: number): { readonly delayMs: number } | { readonly attempts: number } {
    const attempts = (this.#trouble.get(job)?.attempts ?? 0) + 1;
    if (attempts >= maxAttempts) return { attempts };
    this.#trouble.set(job, { attempts, retryMs: nowMs + retryMs });
    return { delayMs: retryMs };
  }

  /** Nobody is to blame: the pause before the next attempt in ms. */
  postponed(job: number, nowMs: number): { readonly delayMs: number } {
    this.#trouble.set(job, { attempts: 0, retryMs: nowMs + postponeMs });
    return { delayMs: postponeMs };
  }

  /** It got on, or is over. */
  forget(job: number): void {
    this.#trouble.delete(job);
  }
}
