import { beforeAll, describe, expect, it } from "vitest";
import type { Cast } from "../../../src/simulation/cast.ts";
import { fadeMs, LightMap, lightAt, shineOn } from "../../../src/simulation/door-light.ts";
import { opticsOf } from "../../../src/simulation/optics.ts";
import { renderScene, Scene } from "../../../src/simulation/scene.ts";
import { FigureMaker, type Species } from "../../../src/simulation/species.ts";
import { drawnCast } from "../../support/cast.ts";

const [width, height] = [160, 120];
const optics = opticsOf(width, height);
let cast: Cast;
const maker = new FigureMaker();
beforeAll(() => {
  cast = drawnCast("anna");
});

const sceneWith = (as: Species | null, displayLight = 0.3) => {
  const scene = new Scene(cast, { width, height, seed: 5, maker, noise: 0, displayLight });
  if (as) scene.add({ id: "a", actor: "anna", as, enterMs: 0, besideM: 0, standM: 0.8 });
  return scene;
};
const picture = (scene: Scene, tMs: number) => {
  const out = new Uint8Array(width * height * 3);
  renderScene(scene, tMs, out);
  return out;
};
/** What the middle of the picture (a face) and a place at the side of it make of the light. */
const answers = (as: Species) => {
  const scene = sceneWith(as);
  const dark = new Uint8Array(width * height * 3);
  renderScene(scene, 5_000, dark);
  return scene.answersAt(5_000, dark);
};
const at = (map: Float32Array, x: number, y: number) => map[Math.round(y) * width + Math.round(x)] ?? Number.NaN;

describe("the display as a lamp", () => {
  it("changes no picture before it shines, however strong it is", () => {
    expect(picture(sceneWith("walker", 0.3), 5_000)).toEqual(picture(sceneWith("walker", 0), 5_000));
  });

  it("changes no picture of a display without light", () => {
    const scene = sceneWith("walker", 0);
    scene.shine("red", 1_000);
    expect(picture(scene, 5_000)).toEqual(picture(sceneWith("walker", 0), 5_000));
  });

  it("brightens its own colour and no other", () => {
    const scene = sceneWith("walker");
    const before = picture(scene, 5_000);
    scene.shine("green", 4_000);
    const lit = picture(scene, 5_000);
    const grown = (c: number) => lit.reduce((sum, value, i) => sum + (i % 3 === c ? value - (before[i] ?? 0) : 0), 0);
    expect(grown(1)).toBeGreaterThan(0);
    expect([grown(0), grown(2)]).toEqual([0, 0]);
  });

  it("fades from one colour to the next", () => {
    const history = [
      { atMs: 1_000, colour: "red" },
      { atMs: 2_000, colour: "blue" },
      { atMs: 3_000, colour: null },
    ] as const;
    expect(lightAt(history, 999)).toEqual([0, 0, 0]);
    expect(lightAt(history, 1_000 + fadeMs)).toEqual([1, 0, 0]);
    const [red, green, blue] = lightAt(history, 2_000 + fadeMs / 2);
    expect(red).toBeCloseTo(0.5, 5);
    expect(green).toBe(0);
    expect(blue).toBeCloseTo(0.5, 5);
    expect(lightAt(history, 3_000 + fadeMs)).toEqual([0, 0, 0]);
  });
});

describe("what things make of its light", () => {
  it("falls with the square of the distance, and hardly reaches the wall", () => {
    const map = new LightMap(width, height);
    const sheet = (distanceM: number) => {
      map.surface(
        {
          screen: Float32Array.from([70, 50, 90, 50, 90, 70, 70, 70]),
          depth: new Float32Array(4).fill(distanceM),
          triangles: Uint32Array.from([0, 1, 2, 0, 2, 3]),
        },
        optics,
        1,
      );
      return at(map.answers, 80, 60);
    };
    const [far, near] = [sheet(1.2), sheet(0.6)];
    expect(near / far).toBeGreaterThan(3);
    expect(near / far).toBeLessThan(4.2);
    expect(map.wall).toBeLessThan(0.25 * far);
  });

  it("is hidden by what stands before it", () => {
    const map = new LightMap(width, height);
    const corners = Float32Array.from([70, 50, 90, 50, 90, 70, 70, 70]);
    const triangles = Uint32Array.from([0, 1, 2, 0, 2, 3]);
    map.surface({ screen: corners, depth: new Float32Array(4).fill(0.6), triangles }, optics, 1);
    const near = at(map.answers, 80, 60);
    map.surface({ screen: corners, depth: new Float32Array(4).fill(1.2), triangles }, optics, 1);
    expect(at(map.answers, 80, 60)).toBe(near);
  });

  it("is even over a sheet, uneven over a head, and little on a phone", () => {
    const [x, y] = [optics.centreX, optics.centreY];
    const across = (map: Float32Array, px: number) => at(map, x, y) / at(map, x + px, y);
    const [print, walker, phone] = [answers("print"), answers("walker"), answers("phone")];
    expect(across(print, 9)).toBeLessThan(1.15);
    expect(across(walker, 12)).toBeGreaterThan(1.4);
    expect(at(phone, x, y)).toBeLessThan(0.5 * at(walker, x, y));
  });

  it("multiplies linear light", () => {
    const rgb = Uint8Array.from([100, 100, 100]);
    shineOn(rgb, Float32Array.from([1]), [1, 0, 0.5]);
    expect([...rgb]).toEqual([Math.round(100 * 2 ** (1 / 2.2)), 100, Math.round(100 * 1.5 ** (1 / 2.2))]);
  });
});
