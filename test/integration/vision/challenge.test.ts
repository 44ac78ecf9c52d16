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

interface Play {
  readonly as?: Species;
  /** What vision is told to judge, and what the display really shows: null, the person is asked for nothing. */
  readonly judged: ChallengeAction;
  readonly shown?: ChallengeAction | null;
  /** The camera delivers its picture mirrored. */
  readonly isMirrored?: boolean;
  readonly fps?: number;
}

const ackMs = 4000;

/** Somebody stands there and is asked for one thing; what vision makes of it in the end. */
async function play({ as = "walker", judged, shown = judged, isMirrored = false, fps = 10 }: Play) {
  const scene = visitorScene(cast, roles.enrolled, as);
  if (shown !== null) scene.ask(shown, ackMs - 60);
  const watch = new RenderedWatch(networks);
  const answer = () => watch.sightings.findLast(({ challenge }) => challenge)?.challenge;
  let isAsked = false;
  for (let atMs = 2600; atMs <= ackMs + 5000; atMs += 1000 / fps) {
    if (!isAsked && atMs >= ackMs) {
      const times = { fromMs: ackMs, untilMs: ackMs + 4000 };
      watch.watcher.challenge(watch.trackId, { id: "c", step: 1, action: judged, ...times });
      isAsked = true;
    }
    await watch.see(scene, atMs, { isMirrored });
    if ((answer()?.state ?? "open") !== "open") break;
  }
  return answer();
}

describe("a rendered person, seen by the real networks", () => {
  it.each(["turn-left", "turn-right", "look-up", "blink-twice", "open-mouth"] as const)(
    "is found to have done %s when asked",
    async (judged) => {
      expect(await play({ judged })).toMatchObject({ id: "c", step: 1, state: "done" });
    },
    30_000,
  );

  it("who was asked for nothing has done nothing", async () => {
    expect(await play({ judged: "open-mouth", shown: null })).toMatchObject({ state: "missed" });
  }, 30_000);

  it("who turns the other way is found to have done so", async () => {
    const wrong = await play({ judged: "turn-left", shown: "turn-right" });
    expect(wrong).toMatchObject({ state: "wrong", says: "a turn to the right instead of a turn to the left" });
  }, 30_000);

  it("who turns left before a camera that mirrors is taken to turn right: such a picture must be put straight", async () => {
    const mirrored = await play({ judged: "turn-left", isMirrored: true });
    expect(mirrored).toMatchObject({ state: "wrong", says: "a turn to the right instead of a turn to the left" });
  }, 30_000);

  it("is followed at 3 frames a second", async () => {
    expect(await play({ judged: "turn-right", fps: 3 })).toMatchObject({ state: "done" });
  }, 30_000);
});

describe("a rigid mask", () => {
  it.each([
    ["blink-twice", "missed"],
    ["open-mouth", "missed"],
    ["turn-left", "done"],
  ] as const)(
    "%s: %s",
    async (judged, state) => {
      expect(await play({ as: "mask", judged })).toMatchObject({ state });
    },
    30_000,
  );
});
