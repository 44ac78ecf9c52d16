import { beforeAll, describe, expect, it } from "vitest";
import { opticsOf } from "../../../src/simulation/optics.ts";
import { makeTexture } from "../../../src/simulation/raster.ts";
import { drawSheet, Sheet, type SheetState } from "../../../src/simulation/sheet.ts";
import { phoneLook, printLook, type SheetLook } from "../../../src/simulation/sheet-texture.ts";
import { drawnActor } from "../../support/cast.ts";

const optics = opticsOf(640, 480);
const held: SheetState = { xM: 0, yM: 0, distanceM: 0.6, yawDeg: 0, pitchDeg: 0, rollDeg: 0, bend: 0 };
const plain = (value: number): SheetLook => ({
  widthM: 0.2,
  heightM: 0.2,
  texture: makeTexture(new Uint32Array(64 * 64).fill((0xff000000 | (value * 0x010101)) >>> 0), 64, 64),
  texelsPerMetre: 300,
});

/** Columns of the screen that the sheet covers in its middle row, and rows in its middle column. */
function extent(state: Partial<SheetState>) {
  const canvas = { rgb: new Uint8Array(640 * 480 * 3), width: 640, height: 480 };
  drawSheet(canvas, plain(200), { optics, state: { ...held, ...state } });
  const middle = Math.round(optics.centreY);
  const columns = Array.from({ length: 640 }, (_, x) => x).filter((x) => canvas.rgb[(middle * 640 + x) * 3]! > 0);
  const rowsAt = (x: number) =>
    Array.from({ length: 480 }, (_, y) => y).filter((y) => canvas.rgb[(y * 640 + x) * 3]! > 0).length;
  const [left, right] = [columns[0]!, columns.at(-1)!];
  return { width: right - left + 1, leftRows: rowsAt(left + 3), middleRows: rowsAt(320), rightRows: rowsAt(right - 3) };
}

describe("a sheet", () => {
  it("is as large on the screen as its paper is at its distance", () => {
    expect(Math.abs(extent({}).width - (optics.focalPx * 0.2) / 0.6)).toBeLessThanOrEqual(1);
    expect(Math.abs(extent({ distanceM: 0.9 }).width - (optics.focalPx * 0.2) / 0.9)).toBeLessThanOrEqual(1);
  });

  it("shows perspective when it is turned: narrower, its near edge taller than the far one", () => {
    const turned = extent({ yawDeg: 35 });
    expect(turned.width).toBeLessThan(0.86 * extent({}).width);
    // The left edge comes nearer for a yaw above 0.
    expect(turned.leftRows).toBeGreaterThan(1.1 * turned.rightRows);
    expect(extent({ yawDeg: -35 }).rightRows).toBeGreaterThan(1.1 * extent({ yawDeg: -35 }).leftRows);
  });

  it("bends back at both edges as a cylinder does", () => {
    const [flat, bent] = [extent({}), extent({ bend: 1.6 })];
    expect(bent.width).toBeLessThan(0.95 * flat.width);
    expect(bent.leftRows).toBeLessThan(0.97 * bent.middleRows);
    expect(Math.abs(bent.leftRows - bent.rightRows)).toBeLessThanOrEqual(2);
    expect(flat.leftRows).toBe(flat.middleRows);
  });
});

describe("somebody who holds up a sheet", () => {
  let look: SheetLook;
  beforeAll(() => {
    look = printLook(drawnActor());
  });
  const holding = (seed: number) =>
    new Sheet(look, {
      seed,
      visit: { id: "p", enterMs: 0, leaveMs: 20_000, from: "left", standM: 0.8, besideM: 0 },
      holder: plain(30).texture,
      bend: 0.8,
      heldM: 0.6,
    });

  it("tilts it when the display asks for a turn, and only jitters otherwise", () => {
    const sheet = holding(1);
    const yaws = (history: Parameters<Sheet["stateAt"]>[1]) =>
      Array.from({ length: 100 }, (_, n) => Math.abs(sheet.stateAt(5_000 + 50 * n, history)?.yawDeg ?? 0));
    expect(Math.max(...yaws([]))).toBeLessThan(4);
    expect(Math.max(...yaws([{ atMs: 5_000, prompt: "turn" }]))).toBeGreaterThan(18);
  });

  it("never holds it quite still", () => {
    const sheet = holding(2);
    for (let t = 4_000; t < 8_000; t += 400) expect(sheet.stateAt(t, [])).not.toEqual(sheet.stateAt(t + 67, []));
  });

  it("goes away with it", () => {
    expect(holding(3).stateAt(19_000, [])).not.toBeNull();
    expect(holding(3).stateAt(23_000, [])).toBeNull();
  });
});

describe("what is held up", () => {
  const at = (look: SheetLook, mx: number, my: number) => {
    const level = look.texture.levels[0]!;
    const i = Math.floor(my * look.texelsPerMetre) * level.width + Math.floor(mx * look.texelsPerMetre);
    const pixel = level.pixels[i]!;
    return { r: pixel & 255, g: (pixel >>> 8) & 255, b: (pixel >>> 16) & 255, a: pixel >>> 24 };
  };

  it("is A4 with a white border for a print, and the portrait inside", () => {
    const print = printLook(drawnActor());
    expect([print.widthM, print.heightM]).toEqual([0.21, 0.297]);
    expect(at(print, 0.1, 0.005)).toMatchObject({ r: 238, a: 255 });
    const face = at(print, 0.105, 0.14);
    expect(face.r).toBeGreaterThan(face.b + 30);
  });

  it("has a black bezel and round corners for a phone", () => {
    const phone = phoneLook(drawnActor());
    expect(at(phone, 0.04, 0.004)).toMatchObject({ r: 14, a: 255 });
    expect(at(phone, 0.0005, 0.0005).a).toBe(0);
  });
});
