import type { CanvasSize } from "../graph/forward.ts";
import type { Box } from "./windows.ts";

/** A part of planes that lie one after another, however many there are; the part lies within them. */
export function cropPlanes(planes: Float32Array, whole: CanvasSize, part: Box): Float32Array<ArrayBuffer> {
  const cut = new Float32Array(countOf(planes, whole) * part.width * part.height);
  eachRow(countOf(planes, whole), { whole, part }, (inWhole, inPart) => {
    cut.set(planes.subarray(inWhole, inWhole + part.width), inPart);
  });
  return cut;
}

/** Adds planes of a part to those of the whole, in place. */
export function addPart(planes: Float32Array, whole: CanvasSize, part: Box & { readonly data: Float32Array }): void {
  eachRow(countOf(planes, whole), { whole, part }, (inWhole, inPart) => {
    for (let x = 0; x < part.width; x++) planes[inWhole + x]! += part.data[inPart + x]!;
  });
}

/** The same part where `factor` pixels are one place. */
export function scaledBox({ left, top, width, height }: Box, factor: number): Box {
  return { left: left / factor, top: top / factor, width: width / factor, height: height / factor };
}

// --- internal ---

function countOf(planes: Float32Array, { width, height }: CanvasSize): number {
  return planes.length / (width * height);
}

function eachRow(
  planes: number,
  { whole, part }: { whole: CanvasSize; part: Box },
  visit: (inWhole: number, inPart: number) => void,
): void {
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < part.height; y++) {
      const inWhole = (plane * whole.height + part.top + y) * whole.width + part.left;
      visit(inWhole, (plane * part.height + y) * part.width);
    }
  }
}
