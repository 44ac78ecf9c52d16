import { systemClock } from "../../core/clock.ts";
import { roles } from "../../simulation/roles.ts";
import type { SoakHouse } from "./house.ts";
import type { VisitorName } from "./plan.ts";
import { until } from "./until.ts";

export interface VisitOutcome {
  readonly who: VisitorName;
  /** What the door said; null: nothing within the time. */
  readonly verdict: string | null;
  /** The person was treated as they should be. */
  readonly asExpected: boolean;
  /** Somebody came in who must not: no patience with that. */
  readonly isFalseGrant: boolean;
  /** From coming into view to the verdict. */
  readonly seconds: number;
}

const patienceMs = 25_000;
const verdicts = new Set(["granted", "denied", "unknown", "spoof"]);
const asWhom = {
  enrolled: { actor: roles.enrolled, as: "walker" },
  stranger: { actor: roles.strangers[0], as: "walker" },
  print: { actor: roles.enrolled, as: "print" },
} as const;

/** Somebody walks up, is judged, and leaves; a strike that was opened has locked again afterwards. */
export async function visit(house: SoakHouse, who: VisitorName): Promise<VisitOutcome> {
  const { seq } = (await house.health()).audit;
  const openings = Math.ceil((await house.edges()).length / 2);
  const startedMs = systemClock.nowMs();
  house.world.command({ type: "enter", id: "visitor", ...asWhom[who] });
  const found = await until("a verdict", () => house.events(seq + 1), {
    fits: (events) => events.some(({ type }) => verdicts.has(type)),
    withinMs: patienceMs,
  }).catch(() => null);
  const seconds = (systemClock.nowMs() - startedMs) / 1000;
  const event = found?.find(({ type }) => verdicts.has(type));
  const isGranted = event?.type === "granted";
  // The grant is written before the strike moves.
  await house.settle(isGranted ? openings + 1 : openings);
  const asExpected = who === "enrolled" ? isGranted : event !== undefined && !isGranted;
  return { who, verdict: event?.type ?? null, asExpected, isFalseGrant: isGranted && who !== "enrolled", seconds };
}
