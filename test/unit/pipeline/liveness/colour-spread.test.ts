import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { colourSpread } from "../../../../src/pipeline/liveness/colour-spread.ts";
import type { RgbImage } from "../../../../src/pipeline/types.ts";

const side = 100;
const whole = { left: 0, top: 0, right: side - 1, bottom: side - 1, scale: 1 };

/** A picture of random greys, each mapped to a colour. */
function picture(colour: (grey: number, i: number) => [number, number, number]): RgbImage {
  const random = seededRandom(3);
  const rgb = Uint8Array.from(
    Array.from({ length: side * side }, (_, i) => colour(40 + 200 * random(), i).map(Math.round)).flat(),
  );
  return { rgb, width: side, height: side };
}

describe("how far a picture is coloured", () => {
  it("greyscale has no colour at all", () => {
    expect(
      colourSpread(
        picture((grey) => [grey, grey, grey]),
        whole,
      ),
    ).toBe(0);
  });

  it("an even tint, as infrared cameras have, is no colour either", () => {
    expect(
      colourSpread(
        picture((grey) => [grey, grey * 0.85, grey]),
        whole,
      ),
    ).toBeLessThan(0.004);
  });

  it("skin beside a blue shirt is colour", () => {
    const image = picture((grey, i) =>
      i % 2 === 0 ? [grey, grey * 0.75, grey * 0.6] : [grey * 0.7, grey * 0.8, grey],
    );
    expect(colourSpread(image, whole)).toBeGreaterThan(0.03);
  });

  it("of a dark picture nothing can be said", () => {
    expect(
      colourSpread(
        picture((grey) => [grey / 8, grey / 10, grey / 12]),
        whole,
      ),
    ).toBeNull();
  });

  it("only the region counts", () => {
    const image = picture((grey, i) => (i % side < 50 ? [grey, grey, grey] : [grey, grey / 2, grey / 4]));
    expect(colourSpread(image, { ...whole, right: 49 })).toBe(0);
    expect(colourSpread(image, whole)).toBeGreaterThan(0.05);
  });
});
