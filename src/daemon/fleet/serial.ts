/** One task after the other: what a task reads is still true when it writes. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs when everything asked for before has ended; a task that fails fails its caller alone. */
  run<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything asked for so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
