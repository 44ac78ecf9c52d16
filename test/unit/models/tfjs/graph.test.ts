import { describe, expect, it } from "vitest";
import { prune, readGraph } from "../../../../src/models/tfjs/graph.ts";
import { graphFiles } from "../../../support/tfjs-graph.ts";

const files = graphFiles({ w: { shape: [2], values: [1, 2] } }, [
  { name: "input", op: "Placeholder" },
  { name: "a", op: "Relu", input: ["input"] },
  { name: "b", op: "Mul", input: ["a:0", "w", "^input"] },
  { name: "age", op: "Relu", input: ["a"] },
]);

describe("readGraph", () => {
  it("reads nodes with plain input names and the weights beside the file", () => {
    const graph = readGraph(files, "net/model.json");
    expect(graph.nodes.map((node) => node.name)).toEqual(["w", "input", "a", "b", "age"]);
    expect(graph.nodes[3]?.input).toEqual(["a", "w", "input"]);
    expect(graph.weights.get("w")?.data).toEqual(Float32Array.of(1, 2));
  });

  it.each([
    ["no JSON", "{"],
    ["another form", '{"nodes":[]}'],
    ["nothing", ""],
  ])("refuses a file with %s by its name", (_, content) => {
    const broken = new Map(files).set("net/model.json", Buffer.from(content));
    expect(() => readGraph(broken, "net/model.json")).toThrow(
      "net/model.json is not a model file of the expected form",
    );
  });

  it("names the weight file that is missing", () => {
    const broken = new Map(files);
    broken.delete("net/weights.bin");
    expect(() => readGraph(broken, "net/model.json")).toThrow("net/weights.bin is not among the files of the model");
  });
});

describe("prune", () => {
  it("drops the heads that nobody asked for", () => {
    const graph = prune(readGraph(files, "net/model.json"), ["b"]);
    expect(graph.nodes.map((node) => node.name)).toEqual(["w", "input", "a", "b"]);
  });

  it("refuses an output that the graph does not have", () => {
    expect(() => prune(readGraph(files, "net/model.json"), ["gone"])).toThrow("the graph has no node gone");
  });
});
