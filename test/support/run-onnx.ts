import { silentLogger } from "../../src/core/logger.ts";
import { createOnnxEngine } from "../../src/hal/compute/onnx.ts";
import { encodeOnnx } from "../../src/models/onnx/encode.ts";
import type { OnnxGraph } from "../../src/models/onnx/graph.ts";

/** Runs a graph once in the real engine. */
export async function runGraph(graph: OnnxGraph, input: Float32Array): Promise<Readonly<Record<string, Float32Array>>> {
  const [, , inputHeight = 0, inputWidth = 0] = graph.inputs[0]?.shape ?? [];
  const source = { load: async () => ({ onnx: encodeOnnx(graph), inputWidth, inputHeight }) };
  const engine = createOnnxEngine({ source, threads: 1, logger: silentLogger });
  try {
    return await (await engine.open("dlib")).run(input);
  } finally {
    await engine.close();
  }
}

/** The largest difference of two outputs, as a part of the largest number in them, or as it is where all are below one. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length || a.length === 0) throw new Error(`lengths ${a.length} and ${b.length}`);
  let [difference, largest] = [0, 1];
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(gap)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(a[i]!));
  }
  return difference / largest;
}

/** A smooth colourful picture, interleaved, values from 0 to 255: no photograph, but far from noise. */
export function testCard(size: number): Float32Array {
  const pixels = new Float32Array(3 * size * size);
  for (let i = 0; i < size * size; i++) {
    const wave = Math.sin((i / size) * 0.3);
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = 127.5 + 127.5 * Math.sin(i * 0.001 * (c + 1) + wave);
  }
  return pixels;
}
