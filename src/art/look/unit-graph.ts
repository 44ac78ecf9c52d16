import { LintelError } from "../../core/errors.ts";
import { GraphBuilder, type OnnxGraph } from "../../models/onnx/graph.ts";
import { addBackward, addConvolutionBackward, addMask, shareOf } from "../graph/backward.ts";
import { addForward, type CanvasSize, layersUpTo, pixelsName } from "../graph/forward.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";

/** A unit: one channel of one layer. */
export interface Unit {
  readonly layer: string;
  /** From 0. */
  readonly unit: number;
}

export const unitPorts = { pixels: pixelsName, activation: "activation", gradient: "gradient" } as const;

/**
 * Pixels to what the unit says at each place, and to the gradient of **minus** its mean, so that going down excites it. The unit's own
 * activation function is passed over: else one that is silent would never be woken. Throws `LINTEL_E_USAGE` for a unit that is none.
 */
export function buildUnitGraph(network: FeatureNetwork, { layer, unit }: Unit, size: CanvasSize): OnnxGraph {
  const builder = new GraphBuilder();
  const activations = addForward(builder, layersUpTo(network, [layer]), size);
  const last = activations.at(-1);
  if (last === undefined || !(Number.isInteger(unit) && unit >= 0 && unit < last.channels)) {
    throw new LintelError("LINTEL_E_USAGE", `${network.name} ${layer} has no unit ${unit}`, {
      hint: `Its units are 0 to ${(last?.channels ?? 1) - 1}.`,
    });
  }
  const { channels, width, height } = last;
  builder.emitAs(unitPorts.activation, "Gather", [last.name, builder.integers([unit])], { axis: 1 });
  const direction = new Float32Array(channels * width * height);
  direction.fill(-shareOf(last.layer) / (width * height), unit * width * height, (unit + 1) * width * height);
  let gradient = builder.floats([1, channels, height, width], direction);
  for (const activation of activations.toReversed()) {
    gradient =
      activation === last
        ? addConvolutionBackward(builder, activation, gradient)
        : addBackward(builder, activation, { gradient, mask: addMask(builder, activation) });
  }
  builder.emitAs(unitPorts.gradient, "Identity", [gradient], {});
  const picture = [1, 3, size.height, size.width];
  return {
    name: "unit",
    inputs: [{ name: unitPorts.pixels, shape: picture }],
    outputs: [
      { name: unitPorts.activation, shape: [1, 1, height, width] },
      { name: unitPorts.gradient, shape: picture },
    ],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

/** How much of a picture a unit sees: the side of its window and the distance between windows, in pixels. */
export function receptiveField(network: FeatureNetwork, layer: string): { sidePx: number; stridePx: number } {
  let [sidePx, stridePx] = [1, 1];
  for (const each of layersUpTo(network, [layer])) {
    const [kernel, stride] = each.kind === "pooling" ? [2, 2] : [each.kernelSize, each.stride];
    sidePx += (kernel - 1) * stridePx;
    stridePx *= stride;
  }
  return { sidePx, stridePx };
}
