import type { Box, Detection, FaceMesh, Point, RgbImage } from "./types.ts";

/** Quarter turns clockwise. */
export type QuarterTurns = 1 | 2 | 3;

/** A copy of the picture, turned clockwise. */
export function rotateImage(image: RgbImage, turns: QuarterTurns): RgbImage {
  const { rgb, width, height } = image;
  const turned = new Uint8Array(rgb.length);
  const newWidth = turns === 2 ? width : height;
  const newHeight = turns === 2 ? height : width;
  let from = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 3) {
      const place = rotatePoint({ x, y }, image, turns);
      const to = (place.y * newWidth + place.x) * 3;
      turned[to] = rgb[from]!;
      turned[to + 1] = rgb[from + 1]!;
      turned[to + 2] = rgb[from + 2]!;
    }
  }
  return { rgb: turned, width: newWidth, height: newHeight };
}

/** Where a pixel of the picture lies after the picture was turned. */
function rotatePoint(point: Point, size: { width: number; height: number }, turns: QuarterTurns): Point {
  const right = size.width - 1;
  const bottom = size.height - 1;
  if (turns === 1) return { x: bottom - point.y, y: point.x };
  if (turns === 2) return { x: right - point.x, y: bottom - point.y };
  return { x: point.y, y: right - point.x };
}

/** Carries what was found in a turned picture back into the picture as it was. */
export function unrotate(
  found: { detection: Detection; mesh: FaceMesh },
  turned: RgbImage,
  turns: QuarterTurns,
): { detection: Detection; mesh: FaceMesh } {
  const back = (4 - turns) as QuarterTurns;
  const point = (p: Point): Point => rotatePoint(p, turned, back);
  const { detection, mesh } = found;
  const points = Float32Array.from(mesh.points);
  for (let i = 0; i < points.length; i += 3) {
    const place = point({ x: points[i]!, y: points[i + 1]! });
    points[i] = place.x;
    points[i + 1] = place.y;
  }
  const { rightEye, leftEye, nose, mouth, rightEar, leftEar } = detection.keypoints;
  return {
    detection: {
      ...detection,
      box: unrotateBox(detection.box, point),
      keypoints: {
        rightEye: point(rightEye),
        leftEye: point(leftEye),
        nose: point(nose),
        mouth: point(mouth),
        rightEar: point(rightEar),
        leftEar: point(leftEar),
      },
    },
    mesh: { points, confidence: mesh.confidence },
  };
}

function unrotateBox(box: Box, point: (p: Point) => Point): Box {
  const p = point({ x: box.x, y: box.y });
  const q = point({ x: box.x + box.width, y: box.y + box.height });
  return { x: Math.min(p.x, q.x), y: Math.min(p.y, q.y), width: Math.abs(p.x - q.x), height: Math.abs(p.y - q.y) };
}
