import { readFile } from "node:fs/promises";
import type { Engine, NetworkName } from "../../pipeline/engine.ts";
import type { EngineParts } from "./driver.ts";
import { createOnnxEngine } from "./onnx.ts";

/** In what numbers the networks compute; those that have no form in eight bits compute in floats at either. */
export type Precision = "float32" | "int8";

export interface EightBitNetworks {
  /** Opens the networks that have stored outputs in eight bits; asked for no others. */
  readonly engine: Engine;
  /** Told once for each network that is not used in this form. */
  onRefused(name: NetworkName, reason: string): void;
}

export function openEightBitNetworks(parts: EngineParts): EightBitNetworks {
  return {
    engine: createOnnxEngine({ ...parts, isEightBit: true }),
    onRefused: (model, reason) =>
      parts.logger.warn({ model, reason }, "compute.precision int8 refused, the network computes in 32-bit floats"),
  };
}

/**
 * Why this processor does not multiply bytes; undefined when it does: VNNI on x64, the dot product of ARMv8.2 on arm64. Others are no faster
 * with them, and those of x64 add up pairs in sixteen bits, which is too few.
 */
export async function whyNoByteProducts(machine: Machine = thisMachine): Promise<string | undefined> {
  const flags = flagsFor[machine.arch] ?? [];
  const told = new Set((await machine.cpuinfo()).split(/\s+/));
  if (flags.some((flag) => told.has(flag))) return undefined;
  return `the processor has none of ${flags.join(", ") || "the instructions that it takes"}`;
}

/** Where the flags of the processor stand; tests give machines of their own. */
export interface Machine {
  readonly arch: string;
  cpuinfo(): Promise<string>;
}

// --- internal ---

const flagsFor: Readonly<Record<string, readonly string[]>> = { x64: ["avx512_vnni", "avx_vnni"], arm64: ["asimddp"] };

const thisMachine: Machine = {
  arch: process.arch,
  cpuinfo: () => readFile("/proc/cpuinfo", "utf8").catch(() => ""),
};
