import type { Clock } from "../../core/clock.ts";

/** Longest time for which long work keeps a frame of the door waiting. */
const sliceMs = 4;

/** Runs long work a slice at a time; whatever waits on the event loop goes first in between. */
export async function inSlices<Result>(
  work: Generator<undefined, Result>,
  clock: Pick<Clock, "nowMs">,
): Promise<Result> {
  for (;;) {
    const startedMs = clock.nowMs();
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (clock.nowMs() - startedMs < sliceMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
