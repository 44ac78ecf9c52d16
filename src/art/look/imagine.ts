import { type Random, seededRandom } from "../../core/random.ts";
import { encodeOnnx } from "../../models/onnx/encode.ts";
import { asTensor } from "../features.ts";
import { canvasStep, layersUpTo } from "../graph/forward.ts";
import type { GraphRuntime } from "../graph-runtime.ts";
import { rolled, unrolled } from "../jitter.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import { noisePlanes } from "../noise.ts";
import { Adam, freshAdam, type Planes } from "../optimise/adam.ts";
import { resizePlanes, toPicture } from "../optimise/planes.ts";
import { pyramid } from "../optimise/pyramid.ts";
import type { Picture } from "../picture.ts";
import { buildUnitGraph, type Unit, unitPorts } from "./unit-graph.ts";

export interface ImagineOptions {
  /** Side of the picture in pixels. */
  readonly size: number;
  readonly steps: number;
  readonly seed: number;
  readonly onStep: () => void;
}

const rate = 6;
/** Against the fine noise that excites units but tells people nothing; relative to the gradient. */
const smoothness = 0.2;

/**
 * A picture that excites the unit everywhere (Olah, Mordvintsev, Schubert 2017, distill.pub): gradient ascent from noise, coarse to fine,
 * shifted a little at each step so that no pixel finds a trick of its own.
 */
export async function imagine(
  parts: { graphs: GraphRuntime; network: FeatureNetwork; unit: Unit },
  options: ImagineOptions,
): Promise<Picture> {
  const { graphs, network, unit } = parts;
  const step = canvasStep(layersUpTo(network, [unit.layer]));
  const size = { width: options.size, height: options.size };
  const levels = pyramid({ ...size, steps: options.steps, coarsestSize: Math.min(96, options.size), canvasStep: step });
  const random = seededRandom(options.seed);
  let picture: Planes | undefined;
  let before = levels[0];
  for (const level of levels) {
    picture =
      picture && before ? resizePlanes(picture, before.visible, level) : noisePlanes(level.canvas, options.seed);
    const session = await graphs.open(encodeOnnx(buildUnitGraph(network, unit, level.canvas)));
    try {
      const climb = new Climb(picture, network);
      for (let i = 0; i < level.steps; i++) {
        await climb.step(random, async (planes) => {
          const outputs = await session.run({ [unitPorts.pixels]: asTensor(planes) });
          return outputs[unitPorts.gradient] ?? new Float32Array(0);
        });
        options.onStep();
      }
      picture = climb.planes;
    } finally {
      await session.close();
    }
    before = level;
  }
  if (picture === undefined || before === undefined) throw new Error("no levels");
  return toPicture(picture, before.visible, network.mean);
}

// --- internal ---

class Climb {
  readonly planes: Planes;
  readonly #adam: Adam;
  readonly #bounds: (readonly [number, number])[];
  #step = 0;

  constructor(planes: Planes, { mean }: FeatureNetwork) {
    this.#adam = new Adam(freshAdam(planes.data), planes);
    this.planes = { ...planes, data: this.#adam.state.pixels };
    this.#bounds = mean.map((value) => [-value, 255 - value]);
  }

  async step(random: Random, gradientAt: (planes: Planes) => Promise<Float32Array>): Promise<void> {
    const { width, height } = this.planes;
    const shift = { x: Math.floor(random() * 16), y: Math.floor(random() * 16) };
    const shifted = rolled(this.planes, shift);
    const raw = await gradientAt({ ...this.planes, data: shifted });
    const gradient = unrolled({ data: raw, width, height }, shift);
    const size = rootMeanSquare(gradient);
    const totalVariation = (smoothness * size) / 32;
    const options = { step: ++this.#step, rate, averaged: 0, bounds: this.#bounds, totalVariation };
    this.#adam.step(gradient, options);
  }
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum / values.length);
}
