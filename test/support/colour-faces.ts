import type { AnalysedFace } from "../../src/pipeline/face-analyser.ts";
import type { QualityReason, RgbImage } from "../../src/pipeline/types.ts";

/**
 * Stands in for the networks with a rule that can be checked by hand: a picture's face is its colour. Pictures without red have no
 * face, those with full blue one that is blurred.
 */
export const colourSource = {
  async analyse({ rgb }: RgbImage): Promise<AnalysedFace[]> {
    const [red = 0, green = 0, blue = 0] = rgb;
    if (red === 0) return [];
    return [colourFace(Float32Array.of(red / 100, green / 100), blue === 255 ? ["blurred"] : [], 50), bystander];
  },
};

function colourFace(vector: Float32Array, reasons: QualityReason[], faceWidthPx: number): AnalysedFace {
  const point = { x: 0, y: 0 };
  const keypoints = { rightEye: point, leftEye: point, nose: point, mouth: point, rightEar: point, leftEar: point };
  return {
    detection: { box: { x: 0, y: 0, width: 8, height: 8 }, score: 0.9, keypoints },
    mesh: { points: new Float32Array(1404), confidence: 1 },
    pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
    quality: { faceWidthPx, sharpness: 99, brightness: 99, reasons },
    embeddings: reasons.length === 0 ? [{ embedder: "dlib", vector }] : [],
  };
}
const bystander = colourFace(Float32Array.of(9, 9), ["too-small"], 10);
