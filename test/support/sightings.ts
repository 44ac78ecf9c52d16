import { packVector, type Sighting } from "../../src/vision/protocol.ts";

/** A sighting of a near, frontal, sharp, live face with an embedding; tests change what they are about. */
export function sightingOf(
  trackId: number,
  capturedAtMs: number,
  changes: Partial<Omit<Sighting, "type" | "trackId" | "capturedAtMs">> = {},
): Sighting {
  return {
    type: "sighting",
    trackId,
    sequence: Math.round(capturedAtMs / 66),
    capturedAtMs,
    frame: { width: 640, height: 480 },
    box: [240, 140, 160, 200],
    score: 0.99,
    face: faceOf(),
    liveness: { verdict: "live", cues: [] },
    embedding: { embedder: "dlib", vector: packVector(new Float32Array(128).fill(0.1)) },
    ...changes,
  };
}

export function faceOf(changes: Partial<NonNullable<Sighting["face"]>> = {}): NonNullable<Sighting["face"]> {
  return {
    pose: { yawDeg: 3, pitchDeg: -2, rollDeg: 1 },
    faceWidthPx: 150,
    sharpness: 400,
    brightness: 120,
    reasons: [],
    ...changes,
  };
}
