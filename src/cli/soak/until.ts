import { systemClock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";

const everyMs = 50;

/** Asks until the answer fits; an answer that fails counts as one that does not. Rejects at the deadline, saying what. */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  { fits, withinMs }: { fits: (answer: T) => boolean; withinMs: number },
): Promise<T> {
  const endMs = systemClock.nowMs() + withinMs;
  for (;;) {
    let last: string;
    try {
      const answer = await ask();
      if (fits(answer)) return answer;
      last = JSON.stringify(answer);
    } catch (error) {
      last = errorText(error);
    }
    if (systemClock.nowMs() > endMs) throw new Error(`${what}: not within ${withinMs} ms (${last.slice(0, 400)})`);
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
