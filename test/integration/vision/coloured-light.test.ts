import { beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import type { LightColour } from "../../../src/pipeline/liveness/light/colours.ts";
import { doorLimits } from "../../../src/pipeline/quality.ts";
import type { CueResult } from "../../../src/pipeline/types.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { fadeMs } from "../../../src/simulation/door-light.ts";
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
const told: readonly LightColour[] = ["blue", "red", "green", "red"];
const [beginMs, everyMs, heldMs] = [4000, 1000, 600];

/** Somebody stands before a display that shines; what vision says of it in the end. */
async function shineOn(as: Species): Promise<CueResult[]> {
  const scene = new Scene(cast, { ...size, seed: 4, maker, displayLight: 0.25 });
  scene.add({ id: "visitor", actor: roles.enrolled, as, enterMs: 0, standM: 0.75 });
  let nowMs = 3700;
  const clock: Clock = { nowMs: () => nowMs, date: () => new Date(0) };
  let trackId = 0;
  const said: CueResult[] = [];
  const watcher = new Watcher({
    ...{ networks, limits: doorLimits, scheduling: visionTestConfig.scheduling, clock },
    send: (message) => {
      if (message.type !== "sighting") return;
      trackId = message.trackId;
      said.push(...message.liveness.cues.filter(({ name }) => name === "coloured-light"));
    },
  });
  const pending = told.map((colour, n) => {
    const atMs = beginMs + n * everyMs;
    const fromMs = atMs + fadeMs + 60;
    scene.shine(colour, atMs);
    return { atMs, id: "c", step: n + 4, colour, fromMs, untilMs: fromMs + heldMs };
  });
  const rgb = new Uint8Array(size.width * size.height * 3);
  for (let sequence = 0; nowMs < beginMs + told.length * everyMs + 200; sequence++) {
    const [next] = pending;
    if (next && nowMs >= next.fromMs) {
      const { atMs: _, ...step } = next;
      watcher.light(trackId, step);
      pending.shift();
    }
    renderScene(scene, nowMs, rgb);
    await watcher.look({ rgb, ...size, capturedAtMs: nowMs, sequence });
    nowMs += 100;
  }
  return said;
}

describe("coloured light on rendered visitors, seen by the real networks", () => {
  it.each([
    ["walker", "live"],
    ["print", "spoof"],
    ["phone", "spoof"],
  ] as const)(
    "finds a %s to be %s once every colour has stood",
    async (as, verdict) => {
      const said = await shineOn(as);
      expect(said.at(-1)).toMatchObject({ name: "coloured-light", verdict });
      expect(said.length).toBeLessThan(6);
    },
    30_000,
  );
});
