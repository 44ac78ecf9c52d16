import { LintelError } from "../../core/errors.ts";
import type { ComputeDriver } from "./driver.ts";
import { onnxDrivers } from "./onnx-devices.ts";
import { tfjsDrivers } from "./tfjs/devices.ts";

/** Every engine on every device it knows. */
export const computeDrivers: readonly ComputeDriver[] = [...onnxDrivers, ...tfjsDrivers];

export type EngineChoice = "auto" | "tfjs" | "onnx";

/**
 * What `auto` tries, best first. The last one of each is always there. TensorRT has to be named: it spends minutes on building its
 * plans when it first meets a network, in which a door would stand without eyes.
 */
const automatic: Readonly<Record<EngineChoice, readonly string[]>> = {
  auto: ["tfjs/node-gpu", "onnx/cuda", "onnx/webgpu", "onnx/cpu"],
  onnx: ["onnx/cuda", "onnx/webgpu", "onnx/cpu"],
  tfjs: ["tfjs/node-gpu", "tfjs/webgpu", "tfjs/wasm"],
};

/**
 * The drivers to try in turn for `compute.engine` and `compute.device`. A named device is never left for another; where two engines know
 * it and none is named, it is ONNX Runtime first. Throws `LINTEL_E_CONFIG` for a pair that does not exist.
 */
export function driversFor(
  engine: EngineChoice,
  device: string,
  drivers: readonly ComputeDriver[] = computeDrivers,
): readonly [ComputeDriver, ...ComputeDriver[]] {
  const known = drivers.filter((driver) => engine === "auto" || driver.engine === engine);
  const found =
    device === "auto"
      ? automatic[engine].flatMap((id) => known.filter((driver) => idOf(driver) === id))
      : known.filter((driver) => driver.device === device);
  const [first, ...others] = found;
  if (first) return [first, ...others];
  const choices = ["auto", ...new Set(known.map((driver) => driver.device))].join(", ");
  const what = engine === "auto" ? "" : ` with compute.engine: ${engine}`;
  throw new LintelError("LINTEL_E_CONFIG", `compute.device: ${device} cannot be used${what}`, {
    hint: `Set compute.device to one of ${choices}.`,
  });
}

/** `engine/device`, for example `onnx/cpu`. */
export function idOf({ engine, device }: Pick<ComputeDriver, "engine" | "device">): string {
  return `${engine}/${device}`;
}
