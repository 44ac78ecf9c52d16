import { describe, expect, it } from "vitest";
import { turningClip } from "../../../src/simulation/clips.ts";
import { cutOutLook } from "../../../src/simulation/cut-out-eyes.ts";
import { glare } from "../../../src/simulation/glare.ts";
import { WalkerMotion } from "../../../src/simulation/motion.ts";
import { jawDrop } from "../../../src/simulation/mouth.ts";
import { opticsOf } from "../../../src/simulation/optics.ts";
import { replayPhone, replayPicture } from "../../../src/simulation/replay.ts";
import { parseScenario } from "../../../src/simulation/scenario.ts";
import { renderScene, Scene, type SceneOptions } from "../../../src/simulation/scene.ts";
import { screenArtefacts } from "../../../src/simulation/screen-artefacts.ts";
import type { HeldSheet, SheetState } from "../../../src/simulation/sheet.ts";
import { phoneLook, printLook } from "../../../src/simulation/sheet-texture.ts";
import { FigureMaker, type Species, speciesNames } from "../../../src/simulation/species.ts";
import { worldCommand } from "../../../src/simulation/world-protocol.ts";
import { drawnActor, drawnCast } from "../../support/cast.ts";

const [width, height] = [160, 120];
const cast = drawnCast("anna");
const maker = new FigureMaker();
const actor = drawnActor();

function picture(as: Species, tMs: number, options: Partial<SceneOptions> = {}): Uint8Array {
  const scene = new Scene(cast, { width, height, seed: 5, maker, ...options });
  scene.add({ id: "a", actor: "anna", as, enterMs: 0 });
  const out = new Uint8Array(width * height * 3);
  renderScene(scene, tMs, out);
  return out;
}
const state: SheetState = { xM: 0, yM: 0, distanceM: 0.4, yawDeg: 0, pitchDeg: 0, rollDeg: 0, bend: 0 };
const held = (look: HeldSheet["look"], how: Partial<SheetState> = {}, tMs = 0): HeldSheet => ({
  ...{ optics: opticsOf(width, height), look, tMs },
  state: { ...state, ...how },
});
const grey = () => ({ rgb: new Uint8Array(width * height * 3).fill(100), width, height });

describe.each(speciesNames)("%s", (as) => {
  it("is a pure function of the time", () => {
    const first = picture(as, 4_000);
    picture(as, 9_000);
    expect(picture(as, 4_000)).toEqual(first);
  });

  it("may be asked for in scenarios and by the world's commands", () => {
    expect(parseScenario(`people: [{ at: 0, actor: anna, as: ${as} }]`, "test").people[0]?.as).toBe(as);
    expect(worldCommand.safeParse({ type: "enter", id: "a", actor: "anna", as }).success).toBe(true);
  });
});

describe("a replay", () => {
  const options = { seed: 1, head: maker.head(actor), torso: maker.torso(1) };
  const visit = { id: "a", enterMs: 0, leaveMs: undefined, from: "left", standM: 0.8, besideM: 0 } as const;
  const shown = (tMs: number) => {
    const { look, paint } = replayPicture(replayPhone, { ...options, visit, clip: turningClip });
    paint(tMs);
    return Uint32Array.from(look.texture.levels[0]!.pixels);
  };

  it("shows a moving picture inside a bezel that stays as it is", () => {
    const [early, late] = [shown(4_000), shown(4_700)];
    const moved = early.filter((pixel, i) => pixel !== late[i]).length / early.length;
    expect(moved).toBeGreaterThan(0.02);
    const across = Math.round(replayPhone.widthM * replayPhone.texelsPerMetre);
    expect(early.subarray(0, across * 10)).toEqual(late.subarray(0, across * 10));
  });

  it("has neither black nor full colours", () => {
    const channels = Array.from(
      shown(4_000).filter((pixel) => pixel >>> 24 === 255),
      (pixel) => pixel & 0xffffff,
    );
    const bezel = 14 | (14 << 8) | (17 << 16);
    expect(channels.every((rgb) => rgb === bezel || (rgb & 255) >= 16)).toBe(true);
  });
});

describe("a screen", () => {
  const screen = {
    pitchM: 63e-6,
    moire: 0.05,
    banding: 0.1,
    bands: 2,
    bandsPerSecond: 1.3,
    bezelM: [0.003, 0.006],
  } as const;

  it("shimmers and is banded inside its bezel, and leaves everything else alone", () => {
    const canvas = grey();
    screenArtefacts(screen)(canvas, held(phoneLook(actor)));
    const row = (y: number, x: number) => canvas.rgb[(y * width + x) * 3]!;
    expect(row(60, 5)).toBe(100);
    expect(canvas.rgb.filter((v) => v !== 100).length).toBeGreaterThan(1_000);
    expect(new Set(canvas.rgb).size).toBeGreaterThan(10);
  });

  it("has bands that wander", () => {
    const [early, late] = [grey(), grey()];
    screenArtefacts(screen)(early, held(phoneLook(actor), {}, 0));
    screenArtefacts(screen)(late, held(phoneLook(actor), {}, 250));
    expect(early.rgb).not.toEqual(late.rgb);
  });
});

describe("glare", () => {
  const lamp = { side: 0, down: 0, reach: 0.2, strength: 1 };
  const middle = (yawDeg: number) => {
    const canvas = grey();
    glare(lamp)(canvas, held(printLook(actor), { yawDeg }));
    let [sum, weight] = [0, 0];
    canvas.rgb.forEach((v, i) => {
      sum += (v - 100) * ((i / 3) % width);
      weight += v - 100;
    });
    return sum / weight;
  };

  it("lies where the sheet mirrors the lamp, and runs over it as it is tilted", () => {
    expect(middle(0)).toBeGreaterThan(70);
    expect(middle(0)).toBeLessThan(90);
    expect(Math.abs(middle(6) - middle(0))).toBeGreaterThan(8);
    expect(Math.sign(middle(6) - middle(0))).toBe(-Math.sign(middle(-6) - middle(0)));
  });
});

describe("a print with cut-out eyes", () => {
  it("has two holes in it and is whole everywhere else", () => {
    const [cut, whole] = [cutOutLook(actor).texture.levels[0]!, printLook(actor).texture.levels[0]!];
    const holes = cut.pixels.filter((pixel, i) => pixel >>> 24 === 0 && whole.pixels[i]! >>> 24 !== 0).length;
    expect(holes).toBeGreaterThan(20);
    expect(holes).toBeLessThan(0.05 * cut.pixels.length);
  });
});

describe("manners", () => {
  const visit = { id: "a", enterMs: 0, leaveMs: undefined, from: "left", standM: 0.8, besideM: 0 } as const;
  const over = (manner: object) => {
    const motion = new WalkerMotion(3, { ...visit }, manner);
    return Array.from({ length: 600 }, (_, n) => motion.at(3_000 + 50 * n, []));
  };

  it("a mask never blinks, a person does", () => {
    expect(over({}).some((at) => (at?.lids ?? 0) > 0.9)).toBe(true);
    expect(over({ blinks: false }).every((at) => at?.lids === 0)).toBe(true);
  });

  it("whoever talks opens the mouth now and then and shuts it again", () => {
    const jaws = over({ talks: true }).map((at) => at?.jaw ?? 0);
    expect(Math.max(...jaws)).toBeGreaterThan(0.6);
    expect(jaws.filter((jaw) => jaw === 0).length).toBeGreaterThan(30);
    expect(over({}).every((at) => at?.jaw === undefined)).toBe(true);
  });

  it("an open mouth leaves the forehead where it is", () => {
    const frontal = new Float32Array(3 * 468);
    for (let i = 0; i < 468; i++) frontal[3 * i + 1] = i < 234 ? -0.3 : 0.3;
    frontal.set([0, 0.2, 0], 3 * 17);
    frontal.set([-0.2, 0.15, 0], 3 * 78);
    frontal.set([0.2, 0.15, 0], 3 * 308);
    const drop = jawDrop(frontal, 468);
    expect(drop[10]).toBe(0);
    expect(drop[14]!).toBeGreaterThan(0.05);
  });
});

describe("light and shutter", () => {
  it("a window behind makes the person darker and the wall brighter", () => {
    const [even, behind] = [
      picture("walker", 5_000, { noise: 0 }),
      picture("walker", 5_000, { noise: 0, backlight: 0.7 }),
    ];
    const at = (rgb: Uint8Array, x: number, y: number) => rgb[(y * width + x) * 3]!;
    expect(at(behind, 3, 3)).toBeGreaterThan(at(even, 3, 3));
    expect(at(behind, 80, 112)).toBeLessThan(at(even, 80, 112));
  });

  it("a rolling shutter changes somebody who walks in, in the lower rows, and not an empty room", () => {
    const [global, rolling] = [
      picture("walker", 1_200, { noise: 0 }),
      picture("walker", 1_200, { noise: 0, rollingMs: 60 }),
    ];
    expect(rolling).not.toEqual(global);
    const band = Math.floor(height / 8) * width * 3;
    expect(rolling.subarray(0, band)).toEqual(global.subarray(0, band));
    expect(picture("walker", 0, { rollingMs: 60 })).toEqual(picture("walker", 0));
  });
});
