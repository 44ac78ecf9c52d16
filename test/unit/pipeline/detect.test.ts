import { describe, expect, it } from "vitest";
import { decode, FaceDetector, isDoubtful, type QuarterTurns, suppress } from "../../../src/pipeline/detect.ts";
import type { Box, Detection, RgbImage } from "../../../src/pipeline/types.ts";
import { NumberNetwork } from "../../support/number-network.ts";

interface Anchor {
  readonly index: number;
  readonly logit: number;
  /** Centre and size on the 256 grid; the right eye lies at a quarter of the box, the left at three quarters. */
  readonly cx: number;
  readonly cy: number;
  readonly size: number;
}

/** Anchor i of the first grid: 16 cells of 16 pixels, two a cell. Of the second: 8 cells of 32 pixels, six a cell. */
function anchorCentre(index: number): { x: number; y: number } {
  const [cell, cells, stride] = index < 512 ? [Math.floor(index / 2), 16, 16] : [Math.floor((index - 512) / 6), 8, 32];
  return { x: ((cell % cells) + 0.5) * stride, y: (Math.floor(cell / cells) + 0.5) * stride };
}

function outputs(anchors: readonly Anchor[]): { scores: Float32Array; boxes: Float32Array } {
  const scores = new Float32Array(896).fill(-20);
  const boxes = new Float32Array(896 * 16);
  for (const { index, logit, cx, cy, size } of anchors) {
    scores[index] = logit;
    const { x, y } = anchorCentre(index);
    const eyeY = cy - size / 4 - y;
    boxes.set([cx - x, cy - y, size, size, cx - size / 4 - x, eyeY, cx + size / 4 - x, eyeY], index * 16);
  }
  return { scores, boxes };
}

const picture = (width: number, height: number): RgbImage => ({
  rgb: new Uint8Array(width * height * 3),
  width,
  height,
});
const one = { scale: 1, offsetX: 0, offsetY: 0 };

function face(box: Box, score: number): Detection {
  const p = { x: box.x, y: box.y };
  return { box, score, keypoints: { rightEye: p, leftEye: p, nose: p, mouth: p, rightEar: p, leftEar: p } };
}

describe("decode", () => {
  it.each([0, 1, 33, 511, 512, 517, 518, 895])("finds the place of anchor %i in its grid", (index) => {
    const { scores, boxes } = outputs([{ index, logit: 2, cx: 100, cy: 140, size: 40 }]);
    const [found, ...others] = decode(scores, boxes, { fit: one, minScore: 0.5 });
    expect(others).toEqual([]);
    expect(found?.box).toEqual({ x: 80, y: 120, width: 40, height: 40 });
    expect(found?.score).toBeCloseTo(0.8808, 4);
    expect(found?.keypoints.leftEye).toEqual({ x: 110, y: 130 });
  });

  it("carries boxes back into the pixels of the picture", () => {
    const { scores, boxes } = outputs([{ index: 700, logit: 2, cx: 128, cy: 128, size: 64 }]);
    const [found] = decode(scores, boxes, { fit: { scale: 2.5, offsetX: 0, offsetY: -80 }, minScore: 0.5 });
    expect(found?.box).toEqual({ x: 240, y: 160, width: 160, height: 160 });
  });

  it.each([
    [0.5, -0.01, 0],
    [0.5, 0.01, 1],
    [0.25, -1.09, 1],
    [0.25, -1.11, 0],
  ])("at a least score of %f a logit of %f gives %i faces", (minScore, logit, count) => {
    const { scores, boxes } = outputs([{ index: 3, logit, cx: 50, cy: 50, size: 30 }]);
    expect(decode(scores, boxes, { fit: one, minScore })).toHaveLength(count);
  });

  it("ignores boxes without a size and scores that are no numbers", () => {
    const { scores, boxes } = outputs([{ index: 3, logit: 5, cx: 50, cy: 50, size: 0 }]);
    scores[9] = Number.NaN;
    expect(decode(scores, boxes, { fit: one, minScore: 0.5 })).toEqual([]);
  });
});

describe("suppress", () => {
  const box = { x: 0, y: 0, width: 100, height: 100 };

  it("keeps the surest of boxes for one face, whatever the order", () => {
    const kept = suppress([face({ ...box, x: 8 }, 0.6), face(box, 0.9), face({ ...box, y: -9 }, 0.7)]);
    expect(kept.map(({ score }) => score)).toEqual([0.9]);
  });

  it("keeps neighbours whose boxes overlap a little, the surest first", () => {
    const kept = suppress([face(box, 0.6), face({ ...box, x: 70 }, 0.8)]);
    expect(kept.map(({ score }) => score)).toEqual([0.8, 0.6]);
  });
});

describe("isDoubtful", () => {
  it.each([
    ["in the middle", { x: 200, y: 100, width: 200, height: 200 }, false],
    ["more than 45 % of the longer side", { x: 100, y: 50, width: 300, height: 300 }, true],
    ["over the left border", { x: -1, y: 100, width: 100, height: 100 }, true],
    ["over the bottom", { x: 100, y: 400, width: 100, height: 100 }, true],
  ])("of a face %s", (_, box, expected) => {
    expect(isDoubtful(box, picture(640, 480))).toBe(expected);
  });
});

describe("FaceDetector", () => {
  it("runs the network once for a face in the open, with the cure too", async () => {
    const network = new NumberNetwork(256, () => outputs([{ index: 300, logit: 3, cx: 128, cy: 128, size: 60 }]));
    const faces = await new FaceDetector(network).detectWithCure(picture(640, 480));
    expect(network.inputs).toHaveLength(1);
    expect(faces[0]?.box).toEqual({ x: 245, y: 165, width: 150, height: 150 });
  });

  it("looks again with a border when a face fills the picture, and takes the second box", async () => {
    const network = new NumberNetwork(256, (_, call) =>
      outputs([{ index: 300, logit: 3, cx: call === 0 ? 140 : 128, cy: 128, size: call === 0 ? 200 : 120 }]),
    );
    const faces = await new FaceDetector(network).detectWithCure(picture(256, 256));
    expect(network.inputs).toHaveLength(2);
    // The second look sees the picture at 2/3 of its size in the middle.
    expect(faces.map(({ box }) => box)).toEqual([{ x: 38, y: 38, width: 180, height: 180 }]);
  });

  it("keeps a doubtful face that the second look has lost, and a sure one beside it", async () => {
    const network = new NumberNetwork(256, (_, call) =>
      outputs(
        call > 0
          ? []
          : [
              { index: 300, logit: 2, cx: 10, cy: 100, size: 60 },
              { index: 310, logit: 3, cx: 180, cy: 100, size: 40 },
            ],
      ),
    );
    const faces = await new FaceDetector(network).detectWithCure(picture(256, 256));
    expect(faces.map(({ box }) => box.x)).toEqual([160, -20]);
  });

  it("looks again when nothing was found, and may still find nothing", async () => {
    const network = new NumberNetwork(256, () => outputs([]));
    expect(await new FaceDetector(network).detectWithCure(picture(30, 20))).toEqual([]);
    expect(network.inputs).toHaveLength(2);
  });

  it.each([0, 1, 2, 3] as const)(
    "finds a bright spot at its own place when it looks at %i quarter turns",
    async (turns: QuarterTurns) => {
      // A network that says: the face is where the brightest pixel is.
      const network = new NumberNetwork(256, (input) => {
        let at = 0;
        for (let i = 0; i < 65_536; i++) if ((input[i] ?? 0) > (input[at] ?? 0)) at = i;
        return outputs([{ index: 300, logit: 3, cx: (at % 256) + 0.5, cy: Math.floor(at / 256) + 0.5, size: 20 }]);
      });
      const image = picture(256, 200);
      image.rgb.fill(255, (150 * 256 + 70) * 3, (150 * 256 + 70) * 3 + 3);
      const [found] = await new FaceDetector(network).detect(image, { turns });
      expect(found?.box).toEqual({ x: 60.5, y: 140.5, width: 20, height: 20 });
    },
  );

  it("answers two calls at once as if they had come one after the other", async () => {
    const network = new NumberNetwork(256, (input) =>
      outputs([{ index: 300, logit: 3, cx: 128, cy: 128, size: (input[32_896] ?? 0) > 0 ? 40 : 20 }]),
    );
    const bright = picture(256, 256);
    bright.rgb.fill(255);
    const detector = new FaceDetector(network);
    const [first, second] = await Promise.all([detector.detect(bright), detector.detect(picture(256, 256))]);
    expect([first[0]?.box.width, second[0]?.box.width]).toEqual([40, 20]);
  });

  it("goes on after a run that failed", async () => {
    const network = new NumberNetwork(256, (_, call) => {
      if (call === 0) throw new Error("out of memory");
      return outputs([]);
    });
    const detector = new FaceDetector(network);
    await expect(detector.detect(picture(9, 9))).rejects.toThrow("out of memory");
    expect(await detector.detect(picture(9, 9))).toEqual([]);
  });

  it("does not go on with a network of another shape", async () => {
    const network = new NumberNetwork(256, () => ({ scores: new Float32Array(5), boxes: new Float32Array(80) }));
    await expect(new FaceDetector(network).detect(picture(9, 9))).rejects.toThrow(/5 numbers as "scores"/);
  });
});
