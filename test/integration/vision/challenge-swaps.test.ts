import { beforeAll, describe, expect, it } from "vitest";
import type { ChallengeAction } from "../../../src/pipeline/liveness/challenge/actions.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { roles } from "../../../src/simulation/roles.ts";
import type { Species } from "../../../src/simulation/species.ts";
import type { DoorNetworks } from "../../../src/vision/networks.ts";
import { castFor, openTestNetworks, RenderedWatch, visitorScene } from "../../support/vision-kit.ts";

let networks: DoorNetworks;
let cast: Cast;

beforeAll(async () => {
  networks = await openTestNetworks();
  cast = await castFor(networks);
}, 60_000);

/** When the step is painted; nothing is shown before `startMs`. */
const ackMs = 4000;
const startMs = 2800;
const stepMs = 3500;
const frameMs = 100;

/** Who is before the camera when nobody is swapped in. */
interface Face {
  readonly actor: string;
  readonly as: Species;
}

interface Swap {
  readonly action: ChallengeAction;
  /** The face that the door knows. */
  readonly known: Face;
  /** Whether the picture taken so long after the acknowledgement shows the other one, which does what is asked. */
  isOther(afterMs: number): boolean;
}

/** What vision made of the step on any track on which the known face was, and how many tracks there were. */
async function swapped({ action, known, isOther }: Swap) {
  const own = visitorScene(cast, known.actor, known.as);
  const other = visitorScene(cast, stranger, "walker");
  other.ask(action, ackMs - 60);
  const watch = new RenderedWatch(networks);
  for (let atMs = startMs; atMs <= ackMs + stepMs; atMs += frameMs) {
    if (atMs === ackMs) {
      const times = { fromMs: ackMs, untilMs: ackMs + stepMs - 200 };
      watch.watcher.challenge(watch.trackId, { id: "c", step: 1, action, ...times });
    }
    await watch.see(atMs > ackMs && isOther(atMs - ackMs) ? other : own, atMs);
  }
  return {
    states: new Set(watch.sightings.flatMap(({ challenge }) => challenge?.state ?? [])),
    tracks: new Set(watch.sightings.map(({ trackId }) => trackId)).size,
  };
}

const stranger = roles.strangers[0] ?? roles.newcomer;
const person: Face = { actor: roles.enrolled, as: "walker" };
const photograph: Face = { actor: roles.enrolled, as: "print" };
const between = (fromMs: number, untilMs: number) => (afterMs: number) => afterMs >= fromMs && afterMs < untilMs;

describe("a stranger who does what is asked in the place of the face that the door knows", () => {
  const swaps: readonly (readonly [string, ChallengeAction, (afterMs: number) => boolean])[] = [
    ["for the whole step", "turn-left", between(300, 9000)],
    ["for a turn, and back", "turn-right", between(300, 2400)],
    ["at the moment of the far turn", "turn-left", between(1100, 1500)],
    ["for two blinks", "blink-twice", between(300, 2500)],
    ["for an open mouth", "open-mouth", between(700, 1500)],
    ["for one look up", "look-up", between(700, 1500)],
    ["in every other picture", "open-mouth", (afterMs) => (afterMs / frameMs) % 2 === 0],
    ["in the other pictures", "open-mouth", (afterMs) => (afterMs / frameMs) % 2 === 1],
  ];

  it.each(swaps)(
    "%s (%s) has not done it for a photograph",
    async (_, action, isOther) => {
      const { states } = await swapped({ action, known: photograph, isOther });
      expect(states).not.toContain("done");
    },
    30_000,
  );

  it.each(swaps.slice(0, 3))(
    "%s (%s) has not done it for a person who stands there",
    async (_, action, isOther) => {
      const { states, tracks } = await swapped({ action, known: person, isOther });
      expect(states).not.toContain("done");
      expect(tracks).toBeGreaterThan(1);
    },
    30_000,
  );
});

it("somebody who does it without being swapped has done it", async () => {
  const always = { action: "open-mouth", known: { actor: stranger, as: "walker" }, isOther: () => true } as const;
  const { states, tracks } = await swapped(always);
  expect(states).toContain("done");
  expect(tracks).toBe(1);
}, 30_000);
