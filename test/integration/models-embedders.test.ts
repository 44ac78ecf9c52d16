import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJsonLines, writeJsonLine } from "../../src/core/json-lines.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemTimers } from "../../src/core/timers.ts";
import { openEngine } from "../../src/hal/compute/registry.ts";
import { arcfaceNetworks } from "../../src/models/arcface.ts";
import { InstalledModels } from "../../src/models/installed.ts";
import { encodeOnnx } from "../../src/models/onnx/encode.ts";
import { GraphBuilder } from "../../src/models/onnx/graph.ts";
import { optionalEmbedderNames, optionalNetworks, sha256Of } from "../../src/models/optional.ts";
import { ModelStore } from "../../src/models/store.ts";
import { Embedder } from "../../src/pipeline/embed.ts";
import type { Engine } from "../../src/pipeline/engine.ts";
import { boxOfMesh } from "../../src/pipeline/geometry.ts";
import { faceVectors } from "../../src/pipeline/matching/fusion.ts";
import type { FaceMesh, RgbImage } from "../../src/pipeline/types.ts";
import { decodePhoto } from "../../src/vision/decode-photo.ts";
import { openPhotoNetworks } from "../../src/vision/networks.ts";
import { runPhotos } from "../../src/vision/photos.ts";
import { maxVisionLineBytes, photoAnswer } from "../../src/vision/protocol.ts";
import { testModelCache } from "../support/model-cache.ts";
import { peopleHouse, photo } from "../support/people-house.ts";
import { readSample } from "../support/sample-photos.ts";

/** A network with an embedder's contract: the three mean colours, then zeros, under an output name of its own. */
function tinyEmbedder(dimensions: number): Uint8Array {
  const builder = new GraphBuilder();
  const pooled = builder.emit("GlobalAveragePool", ["data"]);
  const row = builder.emit("Reshape", [pooled, builder.integers([1, 3])]);
  const spread = Float32Array.from({ length: 3 * dimensions }, (_, i) => (i % (dimensions + 1) === 0 ? 1 : 0));
  const products = builder.emit("MatMul", [row, builder.floats([3, dimensions], spread)]);
  builder.emitAs("fc1", "Add", [products, builder.floats([1, dimensions], new Float32Array(dimensions))], {});
  return encodeOnnx({
    name: "tiny",
    inputs: [{ name: "data", shape: [1, 3, 112, 112] }],
    outputs: [{ name: "fc1", shape: [1, dimensions] }],
    nodes: builder.nodes,
    constants: builder.constants,
  });
}

const files = {
  "sface-2021dec": tinyEmbedder(128),
  "auraface-v1": tinyEmbedder(512),
  // Another network of the same contract: its hash must be another.
  "mobileface-v2": tinyEmbedder(511),
};
const pinned = (name: keyof typeof files) => ({
  ...optionalNetworks[name],
  accepted: [{ sha256: sha256Of(files[name]), what: "made for a test" }] as const,
});
const networks = {
  ...optionalNetworks,
  "sface-2021dec": pinned("sface-2021dec"),
  "auraface-v1": pinned("auraface-v1"),
  "mobileface-v2": pinned("mobileface-v2"),
};

let cacheDirectory: string;
let openTestEngine: () => Promise<Engine>;
let engine: Engine;
let image: RgbImage;
let mesh: FaceMesh;

beforeAll(async () => {
  cacheDirectory = mkdtempSync(join(tmpdir(), "lintel-embedders-"));
  const installed = new InstalledModels({ cacheDirectory, networks });
  for (const bytes of Object.values(files)) await installed.add(bytes);
  const optional = new ModelStore({ cacheDirectory, logger: silentLogger, networks });
  const packaged = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });
  const source = {
    load: (name: Parameters<ModelStore["load"]>[0]) => (name in arcfaceNetworks ? optional : packaged).load(name),
  };
  openTestEngine = () => openEngine({ engine: "onnx", device: "cpu", threads: 1, source, logger: silentLogger });
  engine = await openTestEngine();
  const decoded = await decodePhoto(readSample("sample1.jpg"));
  if ("problem" in decoded) throw new Error(decoded.detail);
  image = decoded.image;
  const { detector, landmarks } = await openPhotoNetworks(engine);
  const [detection] = await detector.detect(image);
  if (!detection) throw new Error("no face");
  const { box } = detection;
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  mesh = await landmarks.find(image, { centre, size: box.width * 1.6, rollRad: 0 });
});
afterAll(async () => {
  await engine?.close();
  rmSync(cacheDirectory, { recursive: true });
});

/** The part of the first sample that shows one person. */
function onePerson(): Promise<Uint8Array> {
  return sharp(readSample("sample1.jpg")).extract({ left: 250, top: 200, width: 640, height: 480 }).toBuffer();
}

/** What the photo process answers where the first tiny network is installed. */
async function lookAt(picture: Uint8Array) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = new Promise<unknown>((resolve) => {
    readJsonLines(output, maxVisionLineBytes, {
      onMessage: (message) => {
        const read = photoAnswer.parse(message);
        if (read.type !== "ready") resolve(read);
      },
      onBadLine: () => {},
      onClose: () => {},
    });
  });
  const done = runPhotos(
    {
      ...{ engine: await openTestEngine(), models: {}, furtherEmbedders: ["sface-2021dec"] },
      ...{ timers: systemTimers, logger: silentLogger, input, output },
    },
    new AbortController().signal,
  );
  writeJsonLine(input, {
    type: "photo",
    id: "1",
    image: Buffer.from(picture).toString("base64"),
    purpose: "enrolment",
  });
  const read = photoAnswer.parse(await answer);
  input.end();
  await done;
  if (read.type === "ready") throw new Error("no answer");
  return read;
}

describe("an installed embedder", () => {
  it("is recognised by its hash among all networks that may be added", async () => {
    const store = new InstalledModels({ cacheDirectory, networks });
    expect(await store.names()).toEqual(optionalEmbedderNames);
    await expect(store.add(tinyEmbedder(64))).rejects.toThrow(/is not that of/);
  });

  it.each([
    ["sface-2021dec", 128],
    ["auraface-v1", 512],
  ] as const)(
    "%s gives %d numbers of length one, of the chip it was trained on, whatever its output is called",
    async (name, length) => {
      const embedder = new Embedder(name, await engine.open(name));
      const { vector } = await embedder.embed(image, mesh);
      expect(vector).toHaveLength(length);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      // Its three numbers are the mean colour of the face: red leads in skin, in the range that the network was made for.
      const [red = 0, green = 0, blue = 0] = vector;
      expect(red).toBeGreaterThan(green);
      expect(green).toBeGreaterThan(blue);
      expect(boxOfMesh(mesh).width).toBeGreaterThan(40);
    },
  );

  it("with vectors of another length than its contract says is refused when it runs", async () => {
    const wrong = new Embedder("mobileface-v2", await engine.open("mobileface-v2"));
    await expect(wrong.embed(image, mesh)).rejects.toThrow(/511 numbers/);
  });

  it("runs beside the others on photographs, as one more named vector", async () => {
    const { furtherEmbedders } = await openPhotoNetworks(engine, ["sface-2021dec", "auraface-v1"]);
    expect(furtherEmbedders.map(({ name }) => name)).toEqual(["sface-2021dec", "auraface-v1"]);
  });

  it("adds its vector to the template of who is enrolled, sealed like the others, and the person is recognised as before", async () => {
    const answer = await lookAt(await onePerson());
    const house = peopleHouse(await mkdtemp(join(cacheDirectory, "house-")));
    house.analyser.answers.set("dana", answer);
    const added = await house.people.add("dana", {}, [photo("dana")], "cli");
    expect(added).toEqual({ id: "dana", templates: 1, refused: [] });
    const [template] = house.store.templates().templates;
    expect(template?.embeddings.map(({ embedder, vector }) => [embedder, vector.length])).toEqual([
      ["dlib", 128],
      ["faceres", 1024],
      ["sface-2021dec", 128],
    ]);
    const first = template?.embeddings.filter(({ embedder }) => embedder === "dlib") ?? [];
    expect(house.people.identify(first).person).toBe("dana");
  });

  it("recognises nobody while its impostor distances are unknown, nor is its vector taken for another's", async () => {
    const vector = new Float32Array(128).fill(0.1);
    expect(faceVectors([{ embedder: "sface-2021dec", vector }])).toBeNull();
    expect(
      faceVectors([
        { embedder: "sface-2021dec", vector: vector.map(() => 1) },
        { embedder: "dlib", vector },
      ]),
    ).toEqual({
      dlib: vector,
      faceres: null,
    });
    for (const name of optionalEmbedderNames) expect(arcfaceNetworks[name].impostors).toBe("unknown");
  });
});
