import { gaussian, type Random, seededRandom } from "../../src/core/random.ts";
import type { PhotoAnalyser } from "../../src/daemon/api.ts";
import { packVector } from "../../src/vision/protocol.ts";

/** Vectors that lie as dlib's do: two people are about 0.75 apart, pictures of one person as far as the test says. */

export function personVector(seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: 128 }, () => gaussian(random) * (0.75 / Math.sqrt(2 * 128)));
}

/** A vector exactly `distance` from another, in a direction drawn from `random`. */
export function movedBy(vector: Float32Array, distance: number, random: Random): Float32Array {
  const direction = Array.from(vector, () => gaussian(random));
  const length = Math.hypot(...direction);
  return vector.map((value, i) => value + ((direction[i] ?? 0) / length) * distance);
}

/** A point on the way from one vector to another, `distance` from the first. */
export function between(from: Float32Array, to: Float32Array, distance: number): Float32Array {
  const whole = Math.hypot(...from.map((value, i) => value - (to[i] ?? 0)));
  return from.map((value, i) => value + (((to[i] ?? 0) - value) * distance) / whole);
}

export function faceresVector(seed: number): Float32Array {
  const random = seededRandom(seed);
  const vector = Float32Array.from({ length: 1024 }, () => gaussian(random));
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

type Answer = Awaited<ReturnType<PhotoAnalyser["analyse"]>>;
type PhotoAnswer = Extract<Answer, { type: "photo" }>;
type Face = PhotoAnswer["faces"][number];

export function faceOf(vector: Float32Array, changes: Partial<Face> = {}): Face {
  return {
    box: [100, 80, 150, 190],
    score: 0.97,
    pose: { yawDeg: 2, pitchDeg: -1, rollDeg: 0.5 },
    faceWidthPx: 150,
    sharpness: 400,
    brightness: 130,
    reasons: [],
    embeddings: [
      { embedder: "dlib", vector: packVector(vector) },
      { embedder: "faceres", vector: packVector(faceresVector(1)) },
    ],
    ...changes,
  };
}

export function photoOf(...faces: Face[]): PhotoAnswer {
  return { type: "photo", id: "1", width: 640, height: 480, faces };
}

/** Answers by the text of the picture's bytes: a picture in a test is the name of its answer. */
export class ScriptedAnalyser implements PhotoAnalyser {
  readonly answers = new Map<string, Answer>();

  async analyse(image: Uint8Array): Promise<Answer> {
    const answer = this.answers.get(Buffer.from(image).toString("utf8"));
    return answer ?? { type: "photo-refused", id: "", problem: "not-an-image", detail: "not scripted" };
  }
}
