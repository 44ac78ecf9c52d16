import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { ModelSource } from "../../../../src/hal/compute/driver.ts";
import { whyNoByteProducts } from "../../../../src/hal/compute/eight-bit.ts";
import { openEngine } from "../../../../src/hal/compute/registry.ts";
import { testPicture } from "../../../../src/hal/compute/self-test/picture.ts";
import { ModelStore } from "../../../../src/models/store.ts";
import { capturedLog } from "../../../support/captured-log.ts";
import { relativeDifference } from "../../../support/run-onnx.ts";

const lacks = await whyNoByteProducts();
const processor = { engine: "onnx", device: "cpu", threads: 1, precision: "int8" } as const;

let directory: string;
let store: ModelStore;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-eight-bit-"));
  store = new ModelStore({ cacheDirectory: directory, logger: silentLogger });
});
afterAll(() => rm(directory, { recursive: true }));

describe.skipIf(lacks !== undefined)(`compute.precision int8${lacks ? ` (not run: ${lacks})` : ""}`, () => {
  it("opens the embedders in eight bits, near what floats compute, and the rest as before", async () => {
    const { logger, lines } = capturedLog();
    const engine = await openEngine({ ...processor, source: store, logger });
    const floats = await openEngine({ ...processor, precision: "float32", source: store, logger: silentLogger });
    for (const name of ["blazeface", "facemesh", "dlib", "faceres"] as const) await engine.open(name);
    expect([...engine.selfTests].map(([name, { precision }]) => [name, precision])).toEqual([
      ["blazeface", "float32"],
      ["facemesh", "float32"],
      ["dlib", "int8"],
      ["faceres", "int8"],
    ]);
    expect(engine.precision).toBe("int8");
    expect(lines.filter(({ level }) => level === "warn")).toEqual([]);
    const [small, large] = [await engine.open("dlib"), await floats.open("dlib")];
    const picture = testPicture("dlib", large);
    const [a, b] = [(await small.run(picture)).embedding!, (await large.run(picture)).embedding!];
    expect(relativeDifference(a, b)).toBeLessThan(0.05);
    expect(a).not.toEqual(b);
    await Promise.all([engine.close(), floats.close()]);
  });

  it("keeps them beside those in floats: a change of mind compiles nothing anew", async () => {
    const kept = (await readdir(directory)).sort();
    expect(kept.filter((name) => name.startsWith("eight-bit-dlib-"))).toHaveLength(1);
    expect(kept.filter((name) => name.startsWith("dlib-"))).toHaveLength(1);
    const { logger, lines } = capturedLog();
    const again = new ModelStore({ cacheDirectory: directory, logger });
    const [bytes, floats] = [await again.load("dlib", "eight-bit"), await again.load("dlib")];
    expect(lines).toEqual([]);
    expect(bytes.onnx.length).toBeLessThan(0.3 * floats.onnx.length);
    // Templates say which weights made them: these are the same ones.
    expect(bytes.sha256).toBe(floats.sha256);
  });

  it("is refused for a network that computes something else, with one line, and floats open the door", async () => {
    const { logger, lines } = capturedLog();
    // The second embedder's bytes are another network's, the first one's are damaged.
    const source: ModelSource = {
      load: async (name, purpose) => {
        const model = await store.load(name, purpose);
        if (purpose !== "eight-bit") return model;
        return name === "dlib"
          ? { ...model, onnx: model.onnx.slice(0, 1000) }
          : { ...model, ...(await store.load("dlib")) };
      },
    };
    const engine = await openEngine({ ...processor, source, logger });
    for (const name of ["dlib", "faceres"] as const) await engine.open(name);
    expect(engine.precision).toBe("float32");
    expect(lines.filter(({ level }) => level === "warn").map(({ message, fields }) => [message, fields.model])).toEqual(
      [
        ["compute.precision int8 refused, the network computes in 32-bit floats", "dlib"],
        ["compute.precision int8 refused, the network computes in 32-bit floats", "faceres"],
      ],
    );
    await engine.close();
  });
});

describe("compute.precision int8 where it cannot be had", () => {
  it("is refused with one line by an engine that does not know it, and floats compute", async () => {
    const { logger, lines } = capturedLog();
    const engine = await openEngine({ ...processor, engine: "tfjs", device: "wasm", source: store, logger });
    expect(engine.precision).toBe("float32");
    expect(lines.filter(({ level }) => level === "warn")).toEqual([
      {
        level: "warn",
        message: "compute.precision int8 refused, all networks compute in 32-bit floats",
        fields: { device: "tfjs/wasm", reason: "only ONNX Runtime on the processor knows it" },
      },
    ]);
    await engine.close();
  });
});
