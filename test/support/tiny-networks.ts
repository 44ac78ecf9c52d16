import { encodeOnnx } from "../../src/models/onnx/encode.ts";
import { GraphBuilder } from "../../src/models/onnx/graph.ts";
import { type OptionalCatalogue, optionalNetworks, sha256Of } from "../../src/models/optional.ts";

/**
 * A whole network in ONNX with the contract of the anti-spoofing ones: the mean of each colour channel, times a weight for each logit, plus
 * a bias. `weights` holds three numbers (of blue, green, red) for each of the three logits in turn.
 */
export function tinyAntiSpoof(weights: readonly number[], bias: readonly [number, number, number]): Uint8Array {
  const builder = new GraphBuilder();
  const pooled = builder.emit("GlobalAveragePool", ["input"]);
  const row = builder.emit("Reshape", [pooled, builder.integers([1, 3])]);
  const columns = Float32Array.from({ length: 9 }, (_, i) => weights[(i % 3) * 3 + Math.floor(i / 3)] ?? 0);
  const scores = builder.emit("MatMul", [row, builder.floats([3, 3], columns)]);
  builder.emitAs("output", "Add", [scores, builder.floats([1, 3], Float32Array.from(bias))], {});
  return encodeOnnx({
    name: "tiny",
    inputs: [{ name: "input", shape: [1, 3, 80, 80] }],
    outputs: [{ name: "output", shape: [1, 3] }],
    nodes: builder.nodes,
    constants: builder.constants,
  });
}

/** Calls what it sees living as far as this logit goes, less (by up to 8) where there is much blue: it passes the test at the start. */
export const opinionated = (liveLogit: number) => tinyAntiSpoof([0.03, 0, 0, 0, 0, 0, 0, 0, 0], [0, liveLogit, 0]);
/** Says the same of every picture. */
export const blind = tinyAntiSpoof([0, 0, 0, 0, 0, 0, 0, 0, 0], [0.1, 0.2, 4.5]);

/** The catalogue, pinned to other files. */
export function catalogueOf(files: { v2: Uint8Array; v1se: Uint8Array }, maxBytes = 65_536): OptionalCatalogue {
  const pinned = (bytes: Uint8Array) => [{ sha256: sha256Of(bytes), what: "made for a test" }] as const;
  return {
    ...optionalNetworks,
    "minifasnet-v2": { ...optionalNetworks["minifasnet-v2"], accepted: pinned(files.v2), maxBytes },
    "minifasnet-v1se": { ...optionalNetworks["minifasnet-v1se"], accepted: pinned(files.v1se), maxBytes },
  };
}
