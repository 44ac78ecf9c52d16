import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { yawProxy } from "../../src/pipeline/pose.ts";
import type { FaceMesh, RgbImage } from "../../src/pipeline/types.ts";
import { actorNamed, enrolmentPhoto, faceReader, loadCast } from "../../src/simulation/cast.ts";
import type { HeadState } from "../../src/simulation/motion.ts";
import { opticsOf } from "../../src/simulation/optics.ts";
import { roles, samePerson } from "../../src/simulation/roles.ts";
import { paintRoom } from "../../src/simulation/room.ts";
import { renderScene, Scene } from "../../src/simulation/scene.ts";
import { drawSheet, type SheetState } from "../../src/simulation/sheet.ts";
import { phoneLook, printLook } from "../../src/simulation/sheet-texture.ts";
import { FigureMaker } from "../../src/simulation/species.ts";
import { drawPerson } from "../../src/simulation/walker.ts";
import { type CastKit, distance, openCastKit, testCacheDirectory } from "../support/cast.ts";
import { homographyResidual } from "../support/homography.ts";

const [width, height] = [640, 480];
const optics = opticsOf(width, height);
const maker = new FigureMaker();
const players = [roles.enrolled, roles.newcomer, ...roles.strangers];
let kit: CastKit;
let room: Uint8Array;

beforeAll(async () => {
  kit = await openCastKit();
  room = paintRoom({ width, height, seed: 1 });
});
afterAll(() => kit.engine.close());

const canvas = () => ({ rgb: Uint8Array.from(room), width, height });
const resting = { xM: 0, yM: 0, distanceM: 0.8, yawDeg: 0, pitchDeg: 0, rollDeg: 0, lids: 0 };

function portrait(actor: string, state: Partial<HeadState> = {}): RgbImage {
  const drawn = canvas();
  const head = maker.head(actorNamed(kit.cast, actor));
  drawPerson(drawn, { optics, head, torso: maker.torso(1), state: { ...resting, ...state } });
  return drawn;
}

function sheet(actor: string, as: "print" | "phone", state: Partial<SheetState> = {}): RgbImage {
  const drawn = canvas();
  const look = as === "print" ? printLook(actorNamed(kit.cast, actor)) : phoneLook(actorNamed(kit.cast, actor));
  const held = { ...resting, distanceM: as === "print" ? 0.62 : 0.34, bend: 0 };
  drawSheet(drawn, look, { optics, state: { ...held, ...state } });
  return drawn;
}

async function meshOf(image: RgbImage): Promise<FaceMesh> {
  const mesh = await kit.faceOf(image);
  if (!mesh) throw new Error("no face was found");
  return mesh;
}

async function photoVector(actor: string): Promise<Float32Array> {
  const jpeg = await enrolmentPhoto(actorNamed(kit.cast, actor));
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const image = { rgb: data, width: info.width, height: info.height };
  expect(await kit.detector.detect(image)).toHaveLength(1);
  return kit.vectorOf(image, await meshOf(image));
}

/** Eye aspect ratio, the mean of both eyes (Soukupova and Cech, CVWW 2016). */
function eyeAspect({ points }: FaceMesh): number {
  const gap = (a: number, b: number) =>
    Math.hypot(points[3 * a]! - points[3 * b]!, points[3 * a + 1]! - points[3 * b + 1]!);
  const right = (gap(160, 144) + gap(158, 153)) / (2 * gap(33, 133));
  const left = (gap(385, 380) + gap(387, 373)) / (2 * gap(362, 263));
  return (right + left) / 2;
}

describe("the cast", () => {
  it("has the faces of the six photographs, each by its name", () => {
    expect(kit.cast.size).toBeGreaterThanOrEqual(20);
    for (const player of players) expect(kit.cast.has(player)).toBe(true);
    for (const [name, actor] of kit.cast) expect(actor.name).toBe(name);
  });

  it("plays roles that nobody mistakes for each other", async () => {
    const vectors = await Promise.all(players.map(photoVector));
    const pairs = vectors.flatMap((a, n) => vectors.slice(n + 1).map((b) => distance(a, b)));
    expect(Math.min(...pairs)).toBeGreaterThan(0.65);
  });

  it("has one woman on two photographs", async () => {
    const [a, b] = await Promise.all(samePerson.map(photoVector));
    if (!a || !b) throw new Error("two vectors");
    expect(distance(a, b)).toBeLessThan(0.5);
  });

  it("comes from the cache without a network, the same to the bit, and holds no photograph", async () => {
    const openReader = () => Promise.reject(new Error("a network was opened"));
    const cached = await loadCast({ cacheDirectory: testCacheDirectory, openReader, logger: silentLogger });
    expect([...cached.keys()]).toEqual([...kit.cast.keys()]);
    for (const [name, actor] of cached) expect(actor.mesh).toEqual(kit.cast.get(name)?.mesh);
    for (const file of readdirSync(testCacheDirectory).filter((f) => f.startsWith("cast-"))) {
      expect(Object.keys(JSON.parse(readFileSync(join(testCacheDirectory, file), "utf8"))[0])).toEqual([
        "crop",
        "points",
        "confidence",
        "silhouette",
      ]);
    }
  });

  it("is measured again where a file of the cache is damaged", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lintel-cast-"));
    try {
      const openReader = async () => faceReader(kit.detector, kit.landmarks);
      await loadCast({ cacheDirectory: directory, openReader, logger: silentLogger });
      const files = readdirSync(directory);
      expect(files).toHaveLength(6);
      writeFileSync(join(directory, files[0]!), "[{");
      const again = await loadCast({ cacheDirectory: directory, openReader, logger: silentLogger });
      expect([...again.keys()]).toEqual([...kit.cast.keys()]);
      expect(() => JSON.parse(readFileSync(join(directory, files[0]!), "utf8"))).not.toThrow();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe.each(players)("%s as a walker", (actor) => {
  it("is a sure face at every angle, and its nose moves as far as it turns", async () => {
    const proxies: number[] = [];
    for (const yawDeg of [-35, -24, -12, 0, 12, 24, 35]) {
      const mesh = await meshOf(portrait(actor, { yawDeg }));
      expect(mesh.confidence).toBeGreaterThan(0.8);
      proxies.push(yawProxy(mesh));
    }
    for (let n = 1; n < proxies.length; n++) expect(proxies[n]!).toBeGreaterThan(proxies[n - 1]! + 0.03);
    expect(Math.abs(proxies[3]!)).toBeLessThan(0.08);
  });

  it("is a face when it nods and leans", async () => {
    for (const state of [{ pitchDeg: 12 }, { pitchDeg: -12 }, { rollDeg: 15 }, { rollDeg: -15 }]) {
      expect((await meshOf(portrait(actor, state))).confidence).toBeGreaterThan(0.8);
    }
  });

  it("stays who it is near frontal", async () => {
    const enrolled = await photoVector(actor);
    for (const yawDeg of [-8, 0, 8]) {
      const image = portrait(actor, { yawDeg });
      expect(distance(enrolled, await kit.vectorOf(image, await meshOf(image)))).toBeLessThan(0.4);
    }
  });

  it("shuts its eyes in a blink for the landmarks to see", async () => {
    const open = eyeAspect(await meshOf(portrait(actor)));
    const shut = eyeAspect(await meshOf(portrait(actor, { lids: 1 })));
    expect(shut / open).toBeLessThan(0.75);
  });

  it("bends its landmarks when it turns, which the same face on a turned sheet does not", async () => {
    const walker = await Promise.all([0, 24].map(async (yawDeg) => meshOf(portrait(actor, { yawDeg }))));
    const print = await Promise.all([0, 24].map(async (yawDeg) => meshOf(sheet(actor, "print", { yawDeg }))));
    const phone = await Promise.all([0, 24].map(async (yawDeg) => meshOf(sheet(actor, "phone", { yawDeg }))));
    const [alive, printed, shown] = [walker, print, phone].map(([a, b]) => homographyResidual(a!, b!));
    expect(alive!).toBeGreaterThan(0.06);
    expect(printed!).toBeLessThan(0.02);
    expect(shown!).toBeLessThan(0.02);
  });
});

describe("a scene with real people", () => {
  it("shows a walker and a print beside each other as two faces", async () => {
    const scene = new Scene(kit.cast, { width, height, seed: 5, maker });
    scene.add({ id: "a", actor: roles.enrolled, as: "walker", enterMs: 0, standM: 0.95, besideM: -0.2 });
    scene.add({ id: "b", actor: roles.newcomer, as: "print", enterMs: 0, besideM: 0.25 });
    const frame = new Uint8Array(width * height * 3);
    renderScene(scene, 5_000, frame);
    expect(await kit.detector.detect({ rgb: frame, width, height })).toHaveLength(2);
  });

  it("shows no face in an empty room", async () => {
    const scene = new Scene(kit.cast, { width, height, seed: 5, maker });
    const frame = new Uint8Array(width * height * 3);
    renderScene(scene, 5_000, frame);
    expect(await kit.detector.detect({ rgb: frame, width, height }, { minScore: 0.25 })).toHaveLength(0);
  });

  it("renders in the time that a camera gives (reported, not judged)", () => {
    const scene = new Scene(kit.cast, { width, height, seed: 5, maker });
    scene.add({ id: "a", actor: roles.enrolled, as: "walker", enterMs: 0 });
    const frame = new Uint8Array(width * height * 3);
    const costs: number[] = [];
    for (let n = 0; n < 60; n++) {
      const startMs = performance.now();
      renderScene(scene, 3_000 + 67 * n, frame);
      costs.push(performance.now() - startMs);
    }
    costs.sort((a, b) => a - b);
    console.info(`one walker, 640x480: ${costs[30]?.toFixed(1)} ms median, ${costs[57]?.toFixed(1)} ms p95 (n = 60)`);
    expect(frame.some((v) => v > 0)).toBe(true);
  });
});
