import { beforeAll, describe, expect, it } from "vitest";
import { Embedder } from "../../../src/pipeline/embed.ts";
import type { Cast } from "../../../src/simulation/cast.ts";
import { Scene } from "../../../src/simulation/scene.ts";
import type { Species } from "../../../src/simulation/species.ts";
import type { DoorNetworks } from "../../../src/vision/networks.ts";
import { type Sighting, unpackVector, visionMessage } from "../../../src/vision/protocol.ts";
import { NumberNetwork } from "../../support/number-network.ts";
import { castFor, openTestNetworks, watchScene } from "../../support/vision-kit.ts";

let networks: DoorNetworks;
let cast: Cast;

beforeAll(async () => {
  networks = await openTestNetworks();
  cast = await castFor(networks);
}, 60_000);

const isSighting = (message: { type: string }): message is Sighting => message.type === "sighting";

/** Somebody comes in at once and is asked to turn 3.5 s later. */
async function visit(actor: string, as: Species, untilMs = 7500) {
  const scene = new Scene(cast, { width: 640, height: 480, seed: 3 });
  scene.add({ id: "visitor", actor, as, enterMs: 0 });
  scene.ask("turn", 3500);
  const messages = await watchScene(networks, scene, { untilMs });
  return { messages, sightings: messages.filter(isSighting) };
}

describe("a person who turns when asked", () => {
  it("is one track, found live, with vectors of one face, and every message keeps to the protocol", async () => {
    const { messages, sightings } = await visit("sample1-1", "walker");
    expect(new Set(sightings.map(({ trackId }) => trackId)).size).toBe(1);
    const live = sightings.filter(({ liveness }) => liveness.verdict === "live");
    expect(live.length).toBeGreaterThan(5);
    expect(live[0]?.capturedAtMs).toBeGreaterThan(3500);
    const vectors = sightings.flatMap(({ embedding }) => (embedding ? [unpackVector(embedding.vector)] : []));
    expect(vectors.length).toBeGreaterThan(10);
    expect(vectors[0]).toHaveLength(128);
    for (const message of messages) expect(visionMessage.safeParse(message).success).toBe(true);
  }, 60_000);

  it("is described by both embedders on frames that go up for a decision, and by the second on no other", async () => {
    let runs = 0;
    const second = new NumberNetwork(224, () => {
      runs++;
      return { embedding: new Float32Array(1024).fill(1) };
    });
    const scene = new Scene(cast, { width: 640, height: 480, seed: 3 });
    scene.add({ id: "visitor", actor: "sample1-1", as: "walker", enterMs: 0 });
    const both = { ...networks, secondEmbedder: new Embedder("faceres", second) };
    const sightings = (await watchScene(both, scene, { untilMs: 4000 })).filter(isSighting);
    const decisive = sightings.filter(({ embedding }) => embedding);
    expect(decisive.length).toBeGreaterThan(3);
    expect(decisive.length).toBeLessThan(sightings.length);
    expect(runs).toBe(decisive.length);
    for (const sighting of sightings) {
      expect(sighting.secondEmbedding?.embedder).toBe(sighting.embedding ? "faceres" : undefined);
      expect(visionMessage.safeParse(sighting).success).toBe(true);
    }
  }, 60_000);

  it("is live soon enough to be let in on fresh frames: vectors come with the verdict", async () => {
    const { sightings } = await visit("sample3-2", "walker");
    expect(sightings.some(({ liveness, embedding }) => liveness.verdict === "live" && embedding)).toBe(true);
  }, 60_000);
});

describe("a photograph of that person is never live", () => {
  for (const species of ["print", "bent-print", "phone"] as const) {
    it(species, async () => {
      const { sightings } = await visit("sample1-1", species);
      expect(sightings.length).toBeGreaterThan(30);
      expect(sightings.filter(({ liveness }) => liveness.verdict === "live")).toEqual([]);
    }, 60_000);
  }
});

it("an empty room says nothing", async () => {
  const scene = new Scene(cast, { width: 640, height: 480, seed: 5 });
  expect(await watchScene(networks, scene, { untilMs: 3000 })).toEqual([]);
});

it("two people are two tracks, and each keeps its own", async () => {
  const scene = new Scene(cast, { width: 640, height: 480, seed: 8 });
  scene.add({ id: "a", actor: "sample1-1", as: "walker", enterMs: 0, from: "left", besideM: -0.25 });
  scene.add({ id: "b", actor: "sample3-2", as: "walker", enterMs: 0, from: "right", besideM: 0.25 });
  const sightings = (await watchScene(networks, scene, { untilMs: 4500 })).filter(isSighting);
  const late = sightings.filter(({ capturedAtMs }) => capturedAtMs > 3000);
  expect(new Set(late.map(({ trackId }) => trackId)).size).toBe(2);
  for (const { sequence } of late) {
    const here = late.filter((other) => other.sequence === sequence).map(({ trackId }) => trackId);
    expect(new Set(here).size).toBe(here.length);
  }
}, 60_000);
