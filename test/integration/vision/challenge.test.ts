import { beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import type { ChallengeAction } from "../../../src/pipeline/liveness/challenge/actions.ts";
import { doorLimits } from "../../../src/pipeline/quality.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { roles } from "../../../src/simulation/roles.ts";
import { renderScene, Scene } from "../../../src/simulation/scene.ts";
import { FigureMaker, type Species } from "../../../src/simulation/species.ts";
import type { DoorNetworks } from "../../../src/vision/networks.ts";
import type { Sighting } from "../../../src/vision/protocol.ts";
import { Watcher } from "../../../src/vision/watcher.ts";
import { castFor, openTestNetworks, visionTestConfig } from "../../support/vision-kit.ts";

let networks: DoorNetworks;
let cast: Cast;
const maker = new FigureMaker();

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

const size = { width: 640, height: 480 };
const ackMs = 4000;

/** Somebody stands there and is asked for one thing; what vision makes of it in the end. */
async function play({ as = "walker", judged, shown = judged, isMirrored = false, fps = 10 }: Play) {
  const scene = new Scene(cast, { ...size, seed: 4, maker });
  scene.add({ id: "visitor", actor: roles.enrolled, as, enterMs: 0, standM: 0.75 });
  if (shown !== null) scene.ask(shown, ackMs - 60);
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, date: () => new Date(0) };
  const said: NonNullable<Sighting["challenge"]>[] = [];
  let trackId = 0;
  const watcher = new Watcher({
    ...{ networks, limits: doorLimits, scheduling: visionTestConfig.scheduling, clock },
    send: (message) => {
      if (message.type !== "sighting") return;
      trackId = message.trackId;
      if (message.challenge) said.push(message.challenge);
    },
  });
  const rgb = new Uint8Array(size.width * size.height * 3);
  let isAsked = false;
  for (let sequence = 0; !said.some(({ state }) => state !== "open"); sequence++) {
    nowMs = 2600 + (sequence * 1000) / fps;
    if (nowMs > ackMs + 5000) break;
    if (!isAsked && nowMs >= ackMs) {
      watcher.challenge(trackId, { id: "c", step: 1, action: judged, fromMs: ackMs, untilMs: ackMs + 4000 });
      isAsked = true;
    }
    renderScene(scene, nowMs, rgb);
    await watcher.look({ rgb: isMirrored ? mirror(rgb) : rgb, ...size, capturedAtMs: nowMs, sequence });
  }
  return said.at(-1);
}

function mirror(rgb: Uint8Array): Uint8Array {
  const { width, height } = size;
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + x);
      out.set(rgb.subarray(from, from + 3), 3 * (y * width + width - 1 - x));
    }
  }
  return out;
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
