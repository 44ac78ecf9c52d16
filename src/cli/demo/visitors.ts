import { roles } from "../../simulation/roles.ts";
import type { Stage } from "./stage.ts";

/** Who comes by while the demo stays up: people the door knows, people it does not, and a photograph. */
const visitors = [
  { actor: roles.enrolled, as: "walker" },
  { actor: roles.strangers[0], as: "walker" },
  { actor: roles.newcomer, as: "walker" },
  { actor: roles.enrolled, as: "print" },
] as const;

const stayMs = 14_000;
const gapMs = 5000;

/** Sends one visitor after the other to the door until the signal aborts. */
export async function keepVisiting(stage: Stage, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const visitor = visitors[n % visitors.length];
    if (!visitor) return;
    const id = `visitor-${n}`;
    stage.world({ type: "enter", id, ...visitor });
    await pause(stayMs, signal);
    stage.world({ type: "leave", id });
    await pause(gapMs, signal);
  }
}

// --- internal ---

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
