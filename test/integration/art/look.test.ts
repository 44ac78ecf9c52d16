import { afterAll, expect, test } from "vitest";
import { asTensor } from "../../../src/art/features.ts";
import { imagine } from "../../../src/art/look/imagine.ts";
import { look } from "../../../src/art/look/look.ts";
import { strongestPatches } from "../../../src/art/look/patches.ts";
import { buildUnitGraph, receptiveField, unitPorts } from "../../../src/art/look/unit-graph.ts";
import { loadMobilenet } from "../../../src/art/networks/mobilenet.ts";
import { noisePlanes } from "../../../src/art/noise.ts";
import { toPlanes } from "../../../src/art/optimise/planes.ts";
import { createOnnxGraphs } from "../../../src/hal/compute/onnx-graphs.ts";
import { encodeOnnx } from "../../../src/models/onnx/encode.ts";
import { mixedNetwork } from "../../support/art-networks.ts";
import { openStudio } from "../../support/art-studio.ts";

const studio = openStudio();
afterAll(() => studio.close());
const graphs = createOnnxGraphs({ threads: 2 });
const unit = { layer: "pw3", unit: 5 };

test("the made picture excites the unit far more than noise does", async () => {
  const network = await loadMobilenet();
  const size = { width: 64, height: 64 };
  const made = await imagine({ graphs, network, unit }, { size: 64, steps: 60, seed: 1, onStep: () => {} });
  const session = await graphs.open(encodeOnnx(buildUnitGraph(network, unit, size)));
  const mean = async (planes: ReturnType<typeof noisePlanes>) => {
    const { activation = new Float32Array(0) } = await session.run({ [unitPorts.pixels]: asTensor(planes) });
    return activation.reduce((sum, value) => sum + value, 0) / activation.length;
  };
  const [before, after] = [await mean(noisePlanes(size, 1)), await mean(toPlanes(made, size, network.mean))];
  await session.close();
  expect(after).toBeGreaterThan(1.3 * before);
});

test("patches come the strongest first, one a picture, and what is no picture is passed over", async () => {
  const network = await loadMobilenet();
  const files = [];
  for (const seed of [1, 2, 3, 4, 5]) files.push(await studio.draw(`${seed}.png`, { seed }));
  files.push(studio.file("absent.png"));
  let seen = 0;
  const found = await strongestPatches({ graphs, network, unit }, files, { count: 3, onFile: () => void seen++ });
  expect(seen).toBe(6);
  expect(found).toHaveLength(3);
  expect(new Set(found.map(({ file }) => file)).size).toBe(3);
  for (const [i, { activation }] of found.entries())
    expect(activation).toBeLessThanOrEqual(found[i - 1]?.activation ?? 6);
  for (const { box, picture } of found) expect([picture.width, picture.height]).toEqual([box[2], box[3]]);
});

test("the sheet shows the made picture and the patches", async () => {
  const network = await loadMobilenet();
  const files = [await studio.draw("a.png", { seed: 6 }), await studio.draw("b.png", { seed: 7 })];
  let done = 0;
  const found = await look({ graphs, network }, { unit, files, steps: 4, seed: 1, onProgress: () => void done++ });
  expect(done).toBe(6);
  expect(found.sheet.width).toBe(12 + 3 * (192 + 12));
  expect(found.patches).toHaveLength(2);
});

test("the receptive field is that of the chain", () => {
  // 3 + 2*2 + 0 + 2*2 + 2*4 + 1*4 + 4*8, see the layers of the network.
  expect(receptiveField(mixedNetwork, "a")).toEqual({ sidePx: 3, stridePx: 2 });
  expect(receptiveField(mixedNetwork, "d")).toEqual({ sidePx: 11, stridePx: 4 });
  expect(receptiveField(mixedNetwork, "f")).toEqual({ sidePx: 55, stridePx: 8 });
});

test("a unit that the layer does not have is refused with those it has", () => {
  const size = { width: 32, height: 32 };
  expect(() => buildUnitGraph(mixedNetwork, { layer: "a", unit: 8 }, size)).toThrow(/a has no unit 8/);
  expect(() => buildUnitGraph(mixedNetwork, { layer: "z", unit: 0 }, size)).toThrow(/no layer z/);
});
