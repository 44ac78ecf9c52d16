/** Whoever comes into view is seen so late at most, as long as the camera keeps its rate. */
const longestGapMs = 90;

/**
 * Which pictures of a fast camera are left out while nobody is to be seen: those after which the next one still comes soon enough. So of 30
 * a second every other is taken, of 15 and fewer each. As soon as pictures are wanted, each is.
 */
export class IdlePace {
  #beganMs = Number.NEGATIVE_INFINITY;
  #takenMs = Number.NEGATIVE_INFINITY;

  /** Asked once for each picture, when its first byte is there. */
  takes(atMs: number, isIdle: boolean): boolean {
    const nextMs = atMs + (atMs - this.#beganMs);
    this.#beganMs = atMs;
    // Written so that the first picture, which says nothing of a rate yet, is taken.
    if (isIdle && nextMs - this.#takenMs <= longestGapMs) return false;
    this.#takenMs = atMs;
    return true;
  }
}
