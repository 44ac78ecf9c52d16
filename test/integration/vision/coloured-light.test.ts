import { beforeAll, describe, expect, it } from "vitest";
import type { LightColour } from "../../../src/pipeline/liveness/light/colours.ts";
import type { CueResult } from "../../../src/pipeline/types.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { fadeMs } from "../../../src/simulation/door-light.ts";
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

const told: readonly LightColour[] = ["blue", "red", "green", "red"];
const [beginMs, everyMs, heldMs] = [4000, 1000, 600];

/** Somebody stands before a display that shines; what vision says of it in the end. */
async function shineOn(as: Species): Promise<CueResult[]> {
  const scene = visitorScene(cast, roles.enrolled, as, { displayLight: 0.25 });
  const watch = new RenderedWatch(networks);
  const pending = told.map((colour, n) => {
    const atMs = beginMs + n * everyMs;
    const fromMs = atMs + fadeMs + 60;
    scene.shine(colour, atMs);
    return { atMs, id: "c", step: n + 4, colour, fromMs, untilMs: fromMs + heldMs };
  });
  for (let atMs = 3700; atMs < beginMs + told.length * everyMs + 200; atMs += 100) {
    const [next] = pending;
    if (next && atMs >= next.fromMs) {
      const { atMs: _, ...step } = next;
      watch.watcher.light(watch.trackId, step);
      pending.shift();
    }
    await watch.see(scene, atMs);
  }
  return watch.sightings.flatMap(({ liveness }) => liveness.cues.filter(({ name }) => name === "coloured-light"));
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
