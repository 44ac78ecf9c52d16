import { z } from "zod";
import type { ConfigProblem } from "../config/problem.ts";
import type { LintelConfig } from "../config/schema.ts";

/**
 * The section `lock` of the configuration: what hangs on the strike line. Nothing here moves a line. Active is free and at
 * rest is locked for either kind; which contact of the relay makes it so is wiring (docs/operations.md).
 */
export const lockConfig = z.strictObject({
  kind: z
    .enum(["fail-secure", "fail-safe"])
    .default("fail-secure")
    .describe(
      "Without power a fail-secure lock is locked and a fail-safe one free; wired as docs/operations.md shows.",
    ),
  timerSeconds: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe("What the hardware timer relay behind the line is set to, in seconds; absent: there is none."),
});

/** Openings that the timer relay would end before Lintel does: then state and events would say what is not so. */
export function lockProblems({ lock: { timerSeconds }, door }: LintelConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (timerSeconds === undefined) return problems;
  if (door.openSeconds > timerSeconds) {
    problems.push({
      path: "door.openSeconds",
      message: `the timer relay ends an opening after ${timerSeconds} s (lock.timerSeconds)`,
      hint: `at most ${timerSeconds}, or set the timer to more`,
    });
  }
  if (door.passageSchedule !== undefined) {
    problems.push({
      path: "door.passageSchedule",
      message: "behind a timer relay the door cannot stand unlocked (lock.timerSeconds)",
      hint: "remove door.passageSchedule, or the timer relay",
    });
  }
  return problems;
}

/** How the lock must be wired, for the installer; what follows from it for people who leave. */
export function lockText({ lock, gpio }: Pick<LintelConfig, "lock" | "gpio">): string {
  const { contact, requestToExit } = gpio.inputs;
  return [
    wiring[lock.kind],
    lock.timerSeconds === undefined
      ? "no timer relay: the relay guard alone ends an opening"
      : `a timer relay ends an opening after ${lock.timerSeconds} s`,
    ...(contact && !requestToExit ? ["without gpio.inputs.requestToExit whoever leaves raises forced"] : []),
  ].join("; ");
}

// --- internal ---

const wiring: Readonly<Record<LintelConfig["lock"]["kind"], string>> = {
  "fail-secure": "fail-secure: on the normally open contact, locked without power, the way out mechanical",
  "fail-safe":
    "fail-safe: on the normally closed contact, free without power, exit button and fire alarm break its current",
};
