import type { Fidelity } from "./fidelity.ts";
import type { PaintSettings } from "./settings.ts";

/** What a painting was made from and how: kept beside the picture, as JSON. */
export interface Provenance {
  readonly settings: PaintSettings;
  /** File names without folders. */
  readonly inputs: readonly PaintedInput[];
  readonly network: { readonly name: string; readonly sha256: string; readonly licence: string };
  /** For example `onnx cpu`. */
  readonly engine: string;
  readonly width: number;
  readonly height: number;
  /** Steps that were done; fewer than in the settings when painting was ended early. */
  readonly steps: number;
  /** Of this run, without what a checkpoint had behind it. */
  readonly seconds: number;
  /** Median of the steps at the largest size of this run, in milliseconds. */
  readonly stepMs: number;
  /** After each step of the whole painting. */
  readonly loss: readonly number[];
  readonly fidelity: Fidelity;
  /** ISO 8601, when the painting was done. */
  readonly paintedAt: string;
}

export interface PaintedInput {
  /** A mask stands behind the style it is for. */
  readonly role: "content" | "style" | "mask" | "start";
  readonly name: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  readonly weight: number;
}
