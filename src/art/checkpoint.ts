import { createHash } from "node:crypto";
import { LintelError } from "../core/errors.ts";

/** Everything the optimiser needs to go on exactly where it was: the same picture comes out as without a break. */
export interface PaintingState {
  /** See `paintingHash`: which painting this is of. */
  readonly paintingHash: string;
  /** Which size of the pyramid, from 0. */
  readonly level: number;
  /** Steps done at this size, and in all. */
  readonly levelStep: number;
  readonly step: number;
  /** Steps since the moments began at zero. */
  readonly momentStep: number;
  /** Of the canvas. */
  readonly width: number;
  readonly height: number;
  /** Factor on the learning rate; below 1 after a loss without a number. */
  readonly rate: number;
  readonly loss: readonly number[];
  /** Each `3 * width * height` numbers, planes red, green, blue; the optimiser's own are empty where it has none. */
  readonly pixels: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly average: Float32Array;
  /** See `Lbfgs.history`. */
  readonly history: readonly Float32Array[];
}

const magic = "LINTELART2\n";
const digestLength = 32;

type Arrays = Pick<PaintingState, "pixels" | "firstMoment" | "secondMoment" | "average" | "history">;
/** The line of JSON. */
type Header = Omit<PaintingState, keyof Arrays> & { readonly lengths: readonly number[] };

/** One file: a mark, the SHA-256 of the rest, a line of JSON, then the arrays (little-endian float32). */
export function encodeCheckpoint(state: PaintingState): Uint8Array {
  const { pixels, firstMoment, secondMoment, average, history, ...fields } = state;
  const arrays = [pixels, firstMoment, secondMoment, average, ...history];
  const header: Header = { ...fields, lengths: arrays.map(({ length }) => length) };
  const parts = [Buffer.from(`${JSON.stringify(header)}\n`), ...arrays.map(bytesOf)];
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return Buffer.concat([Buffer.from(magic), digest.digest(), ...parts]);
}

/** Throws `LINTEL_E_UNREADABLE` for a file that is cut short, changed or no checkpoint. */
export function decodeCheckpoint(bytes: Uint8Array): PaintingState {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = magic.length + digestLength;
  const body = file.subarray(start);
  const isOurs = file.subarray(0, magic.length).toString("latin1") === magic;
  const digest = createHash("sha256").update(body).digest();
  const lineEnd = body.indexOf(10);
  if (!isOurs || lineEnd < 0 || !digest.equals(file.subarray(magic.length, start))) {
    throw new LintelError("LINTEL_E_UNREADABLE", "the checkpoint is damaged or of another version", {
      hint: "Delete it; the painting begins anew.",
    });
  }
  // The digest vouches for what `encodeCheckpoint` wrote.
  const { lengths, ...fields } = JSON.parse(body.toString("utf8", 0, lineEnd)) as Header;
  let at = start + lineEnd + 1;
  const [pixels = none, firstMoment = none, secondMoment = none, average = none, ...history] = lengths.map((length) => {
    at += 4 * length;
    return new Float32Array(Uint8Array.from(file.subarray(at - 4 * length, at)).buffer);
  });
  return { ...fields, pixels, firstMoment, secondMoment, average, history };
}

// --- internal ---

const none = new Float32Array(0);

function bytesOf(numbers: Float32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
