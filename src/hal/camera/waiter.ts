/** Lets one caller sleep until it is woken or its signal aborts. A wake-up while nobody waits is forgotten. */
export class Waiter {
  #wake: (() => void) | undefined;

  /** Resolves at the next `wake`; rejects with the signal's reason when it aborts. One caller at a time. */
  wait(signal: AbortSignal): Promise<void> {
    if (this.#wake !== undefined) throw new Error("only one reader may wait for the next picture");
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        this.#wake = undefined;
        signal.removeEventListener("abort", onAbort);
        finish();
      };
      const onAbort = (): void => settle(() => reject(signal.reason));
      this.#wake = () => settle(resolve);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  wake(): void {
    this.#wake?.();
  }
}
