import { beforeAll, describe, expect, it } from "vitest";
import { catalogue, networkNames } from "../../src/models/catalogue.ts";
import { buildNetwork } from "../../src/models/compile.ts";
import type { NetworkContract } from "../../src/models/contract.ts";
import { readSource } from "../../src/models/source.ts";
import { relativeDifference, runGraph, testCard } from "../support/run-onnx.ts";
import { openReference, type Reference } from "../support/tfjs-reference.ts";

/** What the contract makes of interleaved pixels: planes for our engine, and the same numbers interleaved. */
function normalised({ input }: NetworkContract, pixels: Float32Array) {
  const area = input.width * input.height;
  const planes = new Float32Array(3 * area);
  const interleaved = new Float32Array(3 * area);
  for (let i = 0; i < 3 * area; i++) {
    const channel = i % 3;
    const value = pixels[i]! * (input.scale[channel] ?? 0) + (input.offset[channel] ?? 0);
    interleaved[i] = value;
    planes[channel * area + Math.floor(i / 3)] = value;
  }
  return { planes, interleaved };
}

async function run(contract: NetworkContract, form: "plain" | "folded" | "blocked") {
  const graph = buildNetwork(contract, await readSource(contract), form);
  return runGraph(graph, normalised(contract, testCard(contract.input.width)).planes);
}

describe.each(networkNames)("%s", (name) => {
  const contract = catalogue[name];

  it("gives the documented outputs, all finite, and the same again", async () => {
    const first = await run(contract, "blocked");
    const lengths = Object.fromEntries(Object.entries(first).map(([output, values]) => [output, values.length]));
    expect(lengths).toEqual(contract.outputs);
    for (const values of Object.values(first)) expect(values.every(Number.isFinite)).toBe(true);
    expect(await run(contract, "blocked")).toEqual(first);
  });

  it.each(["folded", "blocked"] as const)("computes the same %s as plain", async (form) => {
    const [plain, worked] = [await run(contract, "plain"), await run(contract, form)];
    for (const output of Object.keys(contract.outputs)) {
      expect(relativeDifference(plain[output]!, worked[output]!)).toBeLessThan(1e-5);
    }
  });
});

describe("what is left behind", () => {
  const graphOf = async (name: "faceres" | "facemesh") => {
    return buildNetwork(catalogue[name], await readSource(catalogue[name]), "plain");
  };

  it("faceres has no head for age or gender any more", async () => {
    const operations = new Set((await graphOf("faceres")).nodes.map((node) => node.op));
    expect([...operations].sort()).toEqual(
      ["Add", "Conv", "GlobalAveragePool", "Identity", "Max", "Min", "Mul", "Relu", "Reshape"].sort(),
    );
  });

  it("facemesh does not compute contours that nobody reads", async () => {
    const { constants, nodes } = await graphOf("facemesh");
    const planes = nodes
      .filter((node) => node.op === "Conv")
      .map((node) => constants.get(node.inputs[1] ?? "")?.shape[0]);
    expect(planes).toContain(1404);
    expect(planes).not.toContain(266);
  });
});

describe("against TensorFlow.js on the same files", () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await openReference();
  });

  it.each([
    ["blazeface", ["Identity", "Identity_1", "Identity_2", "Identity_3"]],
    ["facemesh", ["Identity_2", "Identity_1"]],
    ["faceres", ["global_pooling/Mean"]],
  ] as const)("%s gives the same numbers in the documented order", async (name, nodes) => {
    const contract = catalogue[name];
    const { interleaved } = normalised(contract, testCard(contract.input.width));
    const theirs = await reference.runGraph(name, contract.input.width, interleaved, nodes);
    const ours = Object.values(await run(contract, "blocked"));
    // One after another both lists have the same numbers, however they are cut into outputs.
    const flat = (list: readonly Float32Array[]) => Float32Array.from(list.flatMap((part) => [...part]));
    expect(relativeDifference(flat(theirs), flat(ours))).toBeLessThan(1e-5);
  });

  it("dlib gives the same 128 numbers, normalisation included", async () => {
    const theirs = await reference.runDlib(testCard(150));
    const ours = await run(catalogue.dlib, "blocked");
    expect(relativeDifference(theirs, ours.embedding!)).toBeLessThan(1e-5);
  });
});
