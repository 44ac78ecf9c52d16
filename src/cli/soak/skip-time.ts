import type { TimeSource } from "../../core/time-source.ts";
import { pause } from "./until.ts";

/** Nobody who is watched for silence may speak less often than this; a jump beyond it is known for a standstill. */
const leastStepMs = 10_000;
const mostStepMs = 50_000;
/** Until everybody who waits has noticed. */
const noticedMs = 150;

/** Equal jumps that together are so long. Too little for one: none. Pure. */
export function stepsOf(ms: number): { readonly count: number; readonly stepMs: number } {
  if (!(ms >= leastStepMs)) return { count: 0, stepMs: 0 };
  const count = Math.ceil(ms / mostStepMs);
  return { count, stepMs: ms / count };
}

/**
 * Lets time pass in which nothing happens, in jumps of less than a minute, so that what is done each minute is done. To
 * whoever watches a child for silence each jump looks as if the whole machine had stood still, which proves nothing. What is
 * too short for that passes as time does.
 */
export async function skipTime(time: Pick<TimeSource, "skip">, ms: number): Promise<void> {
  const { count, stepMs } = stepsOf(ms);
  if (count === 0) await pause(Math.max(0, ms));
  for (let i = 0; i < count; i++) {
    time.skip(stepMs);
    await pause(noticedMs);
  }
}
