import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { createOnnxEngine } from "../../src/hal/compute/onnx.ts";
import { openEngine } from "../../src/hal/compute/registry.ts";
import type { TestedEngine } from "../../src/hal/compute/self-test/tested-engine.ts";
import { antiSpoofNames, optionalNetworks } from "../../src/models/optional.ts";
import { ModelStore } from "../../src/models/store.ts";
import type { NetworkName } from "../../src/pipeline/engine.ts";
import type { RgbImage } from "../../src/pipeline/types.ts";
import { decodePhoto } from "../../src/vision/decode-photo.ts";
import { testModelCache } from "../support/model-cache.ts";
import { type RecordedRun, recordRuns, replayed, worstDifference } from "../support/recorded-runs.ts";
import { sharedData } from "../support/shared-data.ts";

const faces = join(sharedData, "faces", "faces94");
const models = join(sharedData, "models");
const people = 6;

const missing = existsSync(faces) && existsSync(models) ? undefined : "no faces beside the project (set LINTEL_SHARED)";

/** The packaged networks, and the anti-spoofing ones from beside the project. */
const store = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });
const source = {
  load: async (name: NetworkName, purpose: "processor" | "portable") => {
    const optional = antiSpoofNames.find((each) => each === name);
    if (!optional) return store.load(name, purpose);
    const { file, input } = optionalNetworks[optional];
    return { onnx: readFileSync(join(models, file)), inputWidth: input.width, inputHeight: input.height };
  },
};

describe.skipIf(missing !== undefined)(
  `tfjs on wasm against the processor${missing ? ` (not run: ${missing})` : ""}`,
  () => {
    let engine: TestedEngine;
    let runs: RecordedRun[];

    beforeAll(async () => {
      engine = await openEngine({ engine: "tfjs", device: "wasm", threads: 1, source, logger: silentLogger });
      const pictures: RgbImage[] = [];
      for (const person of readdirSync(faces).sort().slice(0, people)) {
        const [file = ""] = readdirSync(join(faces, person)).sort();
        const decoded = await decodePhoto(readFileSync(join(faces, person, file)));
        if ("image" in decoded) pictures.push(decoded.image);
      }
      runs = await recordRuns(pictures);
    });
    afterAll(() => engine?.close());

    it.each(["blazeface", "facemesh", "dlib", "faceres"] as const)("%s computes the same faces", async (name) => {
      const network = await engine.open(name);
      const compared = runs.filter((run) => run.network === name);
      expect(compared.length).toBeGreaterThanOrEqual(people);
      for (const run of compared) {
        const { part, absolute } = worstDifference(await replayed(network, run), run.outputs);
        expect(part).toBeLessThan(1e-3);
        if (name === "dlib") expect(absolute).toBeLessThan(1e-3);
      }
    });

    it.each(antiSpoofNames)("%s, as another exporter wrote it, judges the same crops", async (name) => {
      const network = await engine.open(name);
      // There is no stored reference: it was compared with the processor when it was opened.
      expect(engine.selfTests.get(name)?.against).toBe("processor");
      const processor = createOnnxEngine({ source, threads: 1, logger: silentLogger });
      const ours = await processor.open(name);
      const input = Float32Array.from({ length: 3 * 80 * 80 }, (_, n) => 127.5 + 127.5 * Math.sin(n * 0.01 + (n % 80)));
      const wanted = await ours.run(input);
      const run = { network: name, input, outputs: wanted };
      expect(worstDifference(await replayed(network, run), wanted).part).toBeLessThan(1e-3);
      await processor.close();
    });
  },
);
