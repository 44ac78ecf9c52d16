import { beforeAll, describe, expect, it } from "vitest";
import type { Cast } from "../../../src/simulation/cast.ts";
import { type Appearance, renderScene, Scene } from "../../../src/simulation/scene.ts";
import { FigureMaker, speciesNames } from "../../../src/simulation/species.ts";
import { drawnCast } from "../../support/cast.ts";

const [width, height] = [160, 120];
let cast: Cast;
const maker = new FigureMaker();

beforeAll(() => {
  cast = drawnCast("anna", "bea");
});

const sceneWith = (seed: number, ...people: Appearance[]) => {
  const scene = new Scene(cast, { width, height, seed, maker });
  for (const person of people) scene.add(person);
  return scene;
};
const picture = (scene: Scene, tMs: number) => {
  const out = new Uint8Array(width * height * 3);
  renderScene(scene, tMs, out);
  return out;
};
const anna: Appearance = { id: "a", actor: "anna", as: "walker", enterMs: 0 };
const changed = (a: Uint8Array, b: Uint8Array) => a.filter((v, i) => Math.abs(v - b[i]!) > 25).length / a.length;

describe("a scene", () => {
  it("gives the same pixels for the same seed and time, in whatever order they are asked", () => {
    const [one, two] = [sceneWith(5, anna), sceneWith(5, anna)];
    const times = [0, 700, 2_600, 5_000, 5_067];
    const there = times.map((t) => picture(one, t));
    const back = [...times].reverse().map((t) => picture(two, t));
    expect(back.reverse()).toEqual(there);
  });

  it("gives other pixels for another seed", () => {
    expect(picture(sceneWith(5, anna), 5_000)).not.toEqual(picture(sceneWith(6, anna), 5_000));
  });

  it("does not change one person's movement because another comes", () => {
    const bea: Appearance = { id: "b", actor: "bea", as: "walker", enterMs: 60_000 };
    expect(picture(sceneWith(5, anna, bea), 5_000)).toEqual(picture(sceneWith(5, anna), 5_000));
  });

  it("shows nobody before they come, somebody while they are there, and nobody once they have left", () => {
    const scene = sceneWith(1, { ...anna, enterMs: 1_000, leaveMs: 8_000 });
    const empty = picture(sceneWith(1), 500);
    expect(scene.presentAt(500)).toEqual([]);
    expect(changed(picture(scene, 500), empty)).toBe(0);
    expect(scene.presentAt(5_000)).toEqual(["a"]);
    expect(changed(picture(scene, 5_000), empty)).toBeGreaterThan(0.1);
    expect(scene.presentAt(11_000)).toEqual([]);
    expect(changed(picture(scene, 11_000), empty)).toBe(0);
  });

  it.each(speciesNames)("draws a %s that moves", (as) => {
    const scene = sceneWith(2, { ...anna, as });
    expect(changed(picture(scene, 4_000), picture(sceneWith(2), 4_000))).toBeGreaterThan(0.08);
    scene.ask("turn", 4_000);
    expect(changed(picture(scene, 4_000), picture(scene, 5_200))).toBeGreaterThan(0.005);
  });

  it("draws the nearer person over the farther one", () => {
    const scene = sceneWith(
      3,
      { ...anna, standM: 1.2, besideM: 0 },
      { ...anna, id: "b", actor: "bea", standM: 0.7, besideM: 0 },
    );
    expect(scene.presentAt(5_000)).toEqual(["a", "b"]);
  });

  it("keeps an empty room still but for the noise of the sensor", () => {
    const [a, b] = [picture(sceneWith(3), 0), picture(sceneWith(3), 67)];
    const differences = a.map((v, i) => Math.abs(v - b[i]!));
    expect(Math.max(...differences)).toBeGreaterThan(0);
    expect(differences.reduce((sum, d) => sum + d, 0) / differences.length).toBeLessThan(3);
  });

  it("is darker in a dim hall", () => {
    const mean = (exposure: number) => {
      const out = new Uint8Array(width * height * 3);
      renderScene(new Scene(cast, { width, height, seed: 1, exposure, maker }), 0, out);
      return out.reduce((sum, v) => sum + v, 0) / out.length;
    };
    expect(mean(0.3)).toBeLessThan(0.4 * mean(1));
  });

  it("lets somebody leave once, and knows when nobody of that name is there", () => {
    const scene = sceneWith(1, anna);
    expect(scene.leave("a", 5_000)).toBe(true);
    expect(scene.leave("a", 5_100)).toBe(false);
    expect(scene.leave("zoe", 5_000)).toBe(false);
  });

  it("forgets people who have left and keeps those who have not", () => {
    const scene = sceneWith(1, { ...anna, leaveMs: 3_000 }, { ...anna, id: "b" });
    scene.tidy(3_500);
    expect(scene.figures).toHaveLength(2);
    scene.tidy(10_000);
    expect(scene.figures.map((figure) => figure.visit.id)).toEqual(["b"]);
  });

  it("is empty and asks nothing once cleared", () => {
    const scene = sceneWith(1, anna);
    scene.ask("turn", 1_000);
    scene.clear(2_000);
    expect(scene.presentAt(2_000)).toEqual([]);
    expect(scene.history).toEqual([{ atMs: 2_000, prompt: null }]);
  });

  it("refuses an actor whom nobody knows, with the names there are", () => {
    expect(() => sceneWith(1, { ...anna, actor: "zoe" })).toThrowError(/no actor "zoe"/);
  });

  it("refuses a frame of another size", () => {
    expect(() => renderScene(sceneWith(1), 0, new Uint8Array(10))).toThrowError(RangeError);
  });
});
