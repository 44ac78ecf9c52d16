import { PassThrough } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { createOnnxEngine } from "../../../src/hal/compute/onnx.ts";
import { ModelStore } from "../../../src/models/store.ts";
import { AntiSpoof } from "../../../src/pipeline/anti-spoof.ts";
import type { Engine, Network, NetworkName } from "../../../src/pipeline/engine.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { Scene } from "../../../src/simulation/scene.ts";
import { type DoorNetworks, openDoorNetworks } from "../../../src/vision/networks.ts";
import type { Sighting } from "../../../src/vision/protocol.ts";
import { runVision } from "../../../src/vision/session.ts";
import { opinionated } from "../../support/tiny-networks.ts";
import { castFor, testModelCache, visionTestConfig, watchScene } from "../../support/vision-kit.ts";

/** Sure whatever comes: the part of the colours is small beside it. */
const [surelyAttack, surelyLive] = [-30, 30];

function engineOf(liveLogit: number): Engine {
  const store = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });
  const onnx = opinionated(liveLogit);
  const load = async (name: NetworkName) =>
    name.startsWith("minifasnet") ? { onnx, inputWidth: 80, inputHeight: 80 } : store.load(name);
  return createOnnxEngine({ source: { load }, threads: 1, logger: silentLogger });
}

/** Counts how often it is run. */
function counted(network: Network, runs: { count: number }): Network {
  const { inputLayout, inputWidth, inputHeight } = network;
  const run: Network["run"] = (input) => {
    runs.count++;
    return network.run(input);
  };
  return { inputLayout, inputWidth, inputHeight, run };
}

let networks: DoorNetworks;
let cast: Cast;

beforeAll(async () => {
  networks = await openDoorNetworks(engineOf(surelyLive));
  cast = await castFor(networks);
}, 60_000);

/** Somebody comes in and is asked to turn after 3.5 s. */
async function visit(liveLogit: number, { people = ["sample1-1"] } = {}) {
  const engine = engineOf(liveLogit);
  const runs = { count: 0 };
  const [v2, v1se] = await Promise.all([engine.open("minifasnet-v2"), engine.open("minifasnet-v1se")]);
  const antiSpoof = new AntiSpoof({ v2: counted(v2, runs), v1se });
  const scene = new Scene(cast, { width: 640, height: 480, seed: 3 });
  for (const [i, actor] of people.entries()) {
    const [left, right] = [{ from: "left", besideM: -0.17 } as const, { from: "right", besideM: 0.17 } as const];
    const beside = people.length === 1 ? {} : i === 0 ? left : right;
    scene.add({ id: actor, actor, as: "walker", enterMs: 0, ...beside });
  }
  scene.ask("turn", 3500);
  const messages = await watchScene({ ...networks, antiSpoof }, scene, { untilMs: 7500 });
  await engine.close();
  const sightings = messages.filter((message): message is Sighting => message.type === "sighting");
  return { sightings, runs: runs.count };
}

const networkOf = ({ liveness }: Sighting) => liveness.cues.find(({ name }) => name === "network");

describe("a door with anti-spoofing networks", () => {
  it("nobody whom they call an attack is live, however the head turns", async () => {
    const { sightings } = await visit(surelyAttack);
    expect(sightings.some(({ liveness }) => liveness.verdict === "spoof")).toBe(true);
    expect(sightings.filter(({ liveness }) => liveness.verdict === "live")).toEqual([]);
    // The turn alone would have granted.
    const parallax = sightings.flatMap(({ liveness }) => liveness.cues.filter(({ name }) => name === "parallax"));
    expect(parallax.some(({ verdict }) => verdict === "live")).toBe(true);
  }, 60_000);

  it("they have judged well before the head can have turned", async () => {
    const { sightings } = await visit(surelyAttack);
    const first = sightings.find((sighting) => networkOf(sighting));
    const verdict = sightings.find(({ liveness }) => liveness.verdict === "spoof");
    expect((verdict?.capturedAtMs ?? Number.NaN) - (first?.capturedAtMs ?? Number.NaN)).toBeLessThanOrEqual(600);
  }, 60_000);

  it("whom they find live is granted no earlier than without them", async () => {
    const { sightings } = await visit(surelyLive);
    const live = sightings.find(({ liveness }) => liveness.verdict === "live");
    expect(live?.capturedAtMs).toBeGreaterThan(3500);
    const before = sightings.filter(({ capturedAtMs }) => capturedAtMs < 3500);
    expect(before.some((sighting) => networkOf(sighting)?.verdict === "live")).toBe(true);
    expect(before.filter(({ liveness }) => liveness.verdict !== "no-verdict")).toEqual([]);
  }, 60_000);

  it("they run only as often as a verdict needs it, also before two people", async () => {
    const alone = await visit(surelyLive);
    const measured = alone.sightings.filter(({ face }) => face).length;
    expect(alone.runs).toBeGreaterThanOrEqual(5);
    expect(alone.runs).toBeLessThan(measured / 2);
    const both = await visit(surelyLive, { people: ["sample1-1", "sample3-2"] });
    const judged = both.sightings.filter((sighting) => networkOf(sighting)?.verdict === "live");
    expect(judged.some((p) => judged.some((q) => q.sequence === p.sequence && q.trackId !== p.trackId))).toBe(true);
    expect(both.runs).toBeLessThan(both.sightings.filter(({ face }) => face).length / 2);
  }, 120_000);
});

describe("the session of a door", () => {
  it("a network that answers the same whatever it sees ends it before it is ready", async () => {
    const output = new PassThrough();
    const told: string[] = [];
    output.on("data", (chunk) => told.push(String(chunk)));
    const engine = engineOf(surelyLive);
    const open = async (name: NetworkName): Promise<Network> => {
      const network = await engine.open(name);
      if (name !== "minifasnet-v2") return network;
      const run: Network["run"] = (input) => network.run(input.fill(0.5));
      return { inputLayout: "nchw", inputWidth: 80, inputHeight: 80, run };
    };
    const parts = {
      engine: { name: "onnx", device: "cpu", open, close: () => engine.close() },
      models: {},
      openCamera: () => ({
        start: async () => {},
        next: (signal: AbortSignal) =>
          new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        stop: async () => {},
      }),
      clock: systemClock,
      logger: silentLogger,
      input: new PassThrough(),
      output,
      scheduling: visionTestConfig.scheduling,
      antiSpoof: true,
    };
    await expect(runVision(parts, AbortSignal.timeout(20_000))).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: expect.stringMatching(/^anti-spoofing: minifasnet-v2 answers the same/),
    });
    expect(told.join("")).not.toContain('"ready"');
  }, 30_000);
});
