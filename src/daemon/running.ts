import type { Logger } from "../core/logger.ts";

/** What was started, to be ended in reverse; a part that fails to end is logged and the others end all the same. */
export class Running {
  readonly #parts: { readonly name: string; stop(): Promise<void> | void }[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(name: string, stop: () => Promise<void> | void): void {
    this.#parts.push({ name, stop });
  }

  async stop(): Promise<void> {
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) {
      try {
        await part.stop();
      } catch (error) {
        this.#logger.error({ part: part.name, err: error }, "part did not end as it should");
      }
    }
  }
}
