/** How many pages of the door display are connected. */
export class Screens {
  readonly #open = new Set<symbol>();

  get count(): number {
    return this.#open.size;
  }

  /** A page is there; the returned function says that it has gone. Safe to call twice. */
  join(): () => void {
    const screen = Symbol("screen");
    this.#open.add(screen);
    return () => void this.#open.delete(screen);
  }
}
