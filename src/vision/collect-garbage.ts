import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects now what nobody holds any more (a stop of 20 to 40 ms). Left to itself V8 waits until a heap of its own guess is full: the bytes of opened networks
 * (40 MB) stayed for minutes, and so did what frames leave behind. After one collection it knows how little is in use and goes on from there.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
