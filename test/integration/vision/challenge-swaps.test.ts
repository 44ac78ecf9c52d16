import { beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import type { ChallengeAction } from "../../../src/pipeline/liveness/challenge/actions.ts";
import { doorLimits } from "../../../src/pipeline/quality.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { roles } from "../../../src/simulation/roles.ts";
import { renderScene, Scene } from "../../../src/simulation/scene.ts";
import { FigureMaker, type Species } from "../../../src/simulation/species.ts";
import type { DoorNetworks } from "../../../src/vision/networks.ts";
import { Watcher } from "../../../src/vision/watcher.ts";
import { castFor, openTestNetworks, visionTestConfig } from "../../support/vision-kit.ts";

let networks: DoorNetworks;
let cast: Cast;
const maker = new FigureMaker();

beforeAll(async () => {
  networks = await openTestNetworks();
  cast = await castFor(networks);
}, 60_000);

const size = { width: 640, height: 480 };
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
  const sceneOf = ({ actor, as }: Face) => {
    const scene = new Scene(cast, { ...size, seed: 4, maker });
    scene.add({ id: "visitor", actor, as, enterMs: 0, standM: 0.75 });
    return scene;
  };
  const own = sceneOf(known);
  const other = sceneOf({ actor: stranger, as: "walker" });
  other.ask(action, ackMs - 60);
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, date: () => new Date(0) };
  const states = new Set<string>();
  const tracks = new Set<number>();
  let trackId = 0;
  const watcher = new Watcher({
    ...{ networks, limits: doorLimits, scheduling: visionTestConfig.scheduling, clock },
    send: (message) => {
      if (message.type !== "sighting") return;
      trackId = message.trackId;
      tracks.add(trackId);
      if (message.challenge) states.add(message.challenge.state);
    },
  });
  const rgb = new Uint8Array(size.width * size.height * 3);
  for (let sequence = 0; nowMs < ackMs + stepMs; sequence++) {
    nowMs = startMs + sequence * frameMs;
    if (nowMs === ackMs) {
      watcher.challenge(trackId, { id: "c", step: 1, action, fromMs: ackMs, untilMs: ackMs + stepMs - 200 });
    }
    renderScene(nowMs > ackMs && isOther(nowMs - ackMs) ? other : own, nowMs, rgb);
    await watcher.look({ rgb, ...size, capturedAtMs: nowMs, sequence });
  }
  return { states, tracks: tracks.size };
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
