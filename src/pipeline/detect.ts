import { blazeface } from "../models/blazeface.ts";
import type { Network } from "./engine.ts";
import { intersectionOverUnion } from "./geometry.ts";
import { Letterbox, type LetterboxFit } from "./letterbox.ts";
import { NetworkInput, outputOf } from "./network-input.ts";
import type { PixelTarget } from "./resample.ts";
import type { Box, Detection, Point, RgbImage } from "./types.ts";

export interface DetectOptions {
  /** Least probability of a face; default 0.5 (found 97.2 % of 3,196 pictures; 0.25 all but two, with some that are none). */
  readonly minScore?: number;
  /** Look at the picture turned clockwise by so many quarters; what is found is still given in the picture's own pixels. */
  readonly turns?: QuarterTurns;
}

export type QuarterTurns = 0 | 1 | 2 | 3;

/**
 * Finds faces (BlazeFace, Bazarevsky et al. 2019) in pictures of any size. Faces smaller than about 1/12 of the longer side are missed:
 * the detector is made for people within a few metres.
 */
export class FaceDetector {
  readonly #input: NetworkInput;
  readonly #letterbox: Letterbox;

  constructor(network: Network) {
    this.#input = new NetworkInput(network, blazeface.input);
    this.#letterbox = new Letterbox(this.#input.target);
  }

  /** Every face, the surest first. Boxes may reach over the border. */
  detect(image: RgbImage, options: DetectOptions = {}): Promise<Detection[]> {
    return this.#detect(image, options, 0);
  }

  /**
   * As `detect`, and mends boxes that are often wrong, those of faces which fill the picture or lie at its border: these are looked for
   * again with a black border of 25 % around the picture. Costs a second run for such pictures only; doing so always would
   * lose small faces.
   */
  async detectWithCure(image: RgbImage, options: DetectOptions = {}): Promise<Detection[]> {
    const found = await this.#detect(image, options, 0);
    if (found.length > 0 && !found.some((face) => isDoubtful(face.box, image))) return found;
    return merge(image, found, await this.#detect(image, options, cureMargin));
  }

  async #detect(image: RgbImage, options: DetectOptions, margin: number): Promise<Detection[]> {
    const { minScore = defaultMinScore, turns = 0 } = options;
    let fit: LetterboxFit | undefined;
    const outputs = await this.#input.run((target) => {
      fit = this.#letterbox.fill(image, margin);
      if (turns !== 0) turnSquare(target, turns);
    });
    if (fit === undefined) throw new Error("the detector's input was not filled");
    const scores = outputOf(outputs, "scores", blazeface.outputs.scores);
    const boxes = outputOf(outputs, "boxes", blazeface.outputs.boxes);
    return suppress(decode(scores, boxes, { fit, minScore, turns }));
  }
}

const defaultMinScore = 0.5;
const cureMargin = 0.25;

/** A face that fills more than 45 % of the longer side or crosses the border: its box cannot be trusted. */
export function isDoubtful(box: Box, image: RgbImage): boolean {
  const longer = Math.max(image.width, image.height);
  return (
    Math.max(box.width, box.height) > 0.45 * longer ||
    box.x < 0 ||
    box.y < 0 ||
    box.x + box.width > image.width ||
    box.y + box.height > image.height
  );
}

/** Keeps what was not in doubt, takes the second look for the rest; a face that only the first look saw stays. */
function merge(image: RgbImage, first: readonly Detection[], second: readonly Detection[]): Detection[] {
  const sure = first.filter((face) => !isDoubtful(face.box, image));
  const cured = second.filter((face) => !overlapsAny(face, sure));
  const lost = first.filter((face) => isDoubtful(face.box, image) && !overlapsAny(face, [...sure, ...cured]));
  return [...sure, ...cured, ...lost].sort((p, q) => q.score - p.score);
}

function overlapsAny(face: Detection, others: readonly Detection[]): boolean {
  return others.some((other) => intersectionOverUnion(face.box, other.box) > 0.2);
}

/** x and y of each anchor's centre on the 256 grid. */
const anchorCentres = makeAnchors();

function makeAnchors(): Float32Array {
  const centres: number[] = [];
  for (const { stride, perCell } of [
    { stride: 16, perCell: 2 },
    { stride: 32, perCell: 6 },
  ]) {
    const cells = blazeface.input.width / stride;
    for (let y = 0; y < cells; y++) {
      for (let x = 0; x < cells; x++) {
        for (let k = 0; k < perCell; k++) centres.push((x + 0.5) * stride, (y + 0.5) * stride);
      }
    }
  }
  return Float32Array.from(centres);
}

const numbersPerBox = 16;

/** Anchors above the score, in pixels of the picture, unordered and with many for one face. */
export function decode(
  scores: Float32Array,
  boxes: Float32Array,
  view: { fit: LetterboxFit; minScore: number; turns?: QuarterTurns },
): Detection[] {
  const { fit, minScore, turns = 0 } = view;
  const minLogit = Math.log(minScore / (1 - minScore));
  const found: Detection[] = [];
  for (let i = 0; i < scores.length; i++) {
    const logit = scores[i]!;
    if (!(logit >= minLogit)) continue;
    const point = (k: number): Point => {
      const x = boxes[i * numbersPerBox + k]! + anchorCentres[i * 2]!;
      const y = boxes[i * numbersPerBox + k + 1]! + anchorCentres[i * 2 + 1]!;
      const place = unturn({ x, y }, turns);
      return { x: place.x * fit.scale + fit.offsetX, y: place.y * fit.scale + fit.offsetY };
    };
    const across = boxes[i * numbersPerBox + 2]! * fit.scale;
    const down = boxes[i * numbersPerBox + 3]! * fit.scale;
    if (!(across > 0 && down > 0)) continue;
    const centre = point(0);
    const [width, height] = turns % 2 === 0 ? [across, down] : [down, across];
    found.push({
      box: { x: centre.x - width / 2, y: centre.y - height / 2, width, height },
      score: 1 / (1 + Math.exp(-logit)),
      keypoints: {
        rightEye: point(4),
        leftEye: point(6),
        nose: point(8),
        mouth: point(10),
        rightEar: point(12),
        leftEar: point(14),
      },
    });
  }
  return found;
}

/** Where a point of the turned input square lies in the upright one. */
function unturn(point: Point, turns: QuarterTurns): Point {
  const side = blazeface.input.width;
  if (turns === 1) return { x: point.y, y: side - point.x };
  if (turns === 2) return { x: side - point.x, y: side - point.y };
  if (turns === 3) return { x: side - point.y, y: point.x };
  return point;
}

/** Turns the pixels of a square input clockwise. */
function turnSquare({ data, width, layout }: PixelTarget, turns: QuarterTurns): void {
  const upright = data.slice();
  const plane = width * width;
  const [pixel, channel] = layout === "nchw" ? [1, plane] : [3, 1];
  const last = width - 1;
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = turns === 1 ? [y, last - x] : turns === 2 ? [last - x, last - y] : [last - y, x];
      for (let c = 0; c < 3; c++) {
        data[(y * width + x) * pixel + c * channel] = upright[(v * width + u) * pixel + c * channel]!;
      }
    }
  }
}

/**
 * Plain non-maximum suppression: of boxes that overlap by more than 0.3 only the surest stays; a box inside a surer one is the same face
 * too.
 */
export function suppress(candidates: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const face of [...candidates].sort((p, q) => q.score - p.score)) {
    if (kept.every((other) => intersectionOverUnion(face.box, other.box) < 0.3)) kept.push(face);
  }
  return kept;
}
