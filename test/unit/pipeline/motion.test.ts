import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../src/core/random.ts";
import { MotionGate } from "../../../src/pipeline/motion.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";

const width = 320;
const height = 240;
const random = seededRandom(21);
const noise = Float32Array.from({ length: 4096 }, () => gaussian(random));

/** A room with a gradient; `light` multiplies it, `person` puts a face-sized patch somewhere. */
function room({
  light = 1,
  noiseLevels = 4,
  person,
}: {
  light?: number;
  noiseLevels?: number;
  person?: number;
} = {}): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  const offset = Math.floor(random() * 4096);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    const isPerson = person !== undefined && Math.abs(x - person) < 30 && Math.abs(y - 120) < 40;
    const level = light * (isPerson ? 170 : 60 + x / 4) + noiseLevels * noise[(i * 7 + offset) % 4096]!;
    rgb.fill(Math.max(0, Math.min(255, level)), i * 3, i * 3 + 3);
  }
  return { rgb, width, height };
}

function settled(frames = 20): MotionGate {
  const gate = new MotionGate();
  for (let i = 0; i < frames; i++) gate.look(room());
  return gate;
}

describe("an empty room wakes nobody", () => {
  it("in spite of the sensor's noise", () => {
    const gate = settled();
    for (let i = 0; i < 30; i++) expect(gate.look(room({ noiseLevels: 8 })).isMoving).toBe(false);
  });
  it("when a cloud or the camera's gain changes the light", () => {
    const gate = settled();
    for (let i = 0; i < 30; i++) expect(gate.look(room({ light: 1 - i * 0.01 })).isMoving).toBe(false);
    expect(gate.look(room({ light: 1.15 })).isMoving).toBe(false);
  });
});

describe("somebody is noticed", () => {
  it("in the very first picture, of which nothing is known", () => {
    expect(new MotionGate().look(room()).isMoving).toBe(true);
  });
  it("who comes in", () => {
    const gate = settled();
    expect(gate.look(room({ person: 160 })).isMoving).toBe(true);
    expect(gate.look(room({ person: 60 })).isMoving).toBe(true);
  });
  it("who comes in while the light changes", () => {
    const gate = settled();
    expect(gate.look(room({ person: 160, light: 0.8 })).isMoving).toBe(true);
  });
  it("who stands still for seconds", () => {
    const gate = settled();
    for (let i = 0; i < 50; i++) gate.look(room({ person: 160 }));
    expect(gate.look(room({ person: 160 })).isMoving).toBe(true);
  });
  it("after the camera was away", () => {
    const gate = settled();
    gate.reset();
    expect(gate.look(room()).isMoving).toBe(true);
  });
});

it("a picture of any size is taken", () => {
  const gate = new MotionGate();
  const tiny = { rgb: new Uint8Array(3 * 3 * 3), width: 3, height: 3 };
  gate.look(tiny);
  expect(gate.look(tiny).isMoving).toBe(false);
});
