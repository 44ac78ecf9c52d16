import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../../src/core/errors.ts";
import { parseScenario, readScenario, sceneOf } from "../../../src/simulation/scenario.ts";
import { drawnCast } from "../../support/cast.ts";

const shipped = fileURLToPath(new URL("../../../config/scenarios", import.meta.url));

function problemOf(text: string): string {
  try {
    parseScenario(text, "test.yaml");
  } catch (error) {
    if (error instanceof LintelError && error.code === "LINTEL_E_USAGE") return error.message;
    throw error;
  }
  return "accepted";
}

describe("a scenario file", () => {
  it.each([
    ["no YAML", "people: [", "test.yaml"],
    ["a list at the top", "- 1", "expected object"],
    ["an unknown key", "peopel: []", "peopel"],
    ["nobody's name", "people: [{ at: 1 }]", "people.0.actor"],
    ["a time before the start", "people: [{ at: -1, actor: a }]", "people.0.at"],
    ["no time", "people: [{ actor: a }]", "people.0.at"],
    ["an unknown species", "people: [{ at: 1, actor: a, as: ghost }]", "people.0.as"],
    ["leaving before coming", "people: [{ at: 5, actor: a, leaveAt: 4 }]", "people.0.leaveAt"],
    ["standing in the camera", "people: [{ at: 5, actor: a, standM: 0.1 }]", "people.0.standM"],
    ["coming from above", "people: [{ at: 5, actor: a, from: above }]", "people.0.from"],
    ["the same id twice", "people: [{ at: 1, actor: a, id: x }, { at: 2, actor: b, id: x }]", "id x is used twice"],
    ["an unknown prompt", "display: [{ at: 1, prompt: dance }]", "display.0.prompt"],
    ["a seed that is no number", "seed: red", "seed"],
    ["no light at all", "exposure: 0", "exposure"],
  ])("with %s is refused by name", (_, text, expected) => {
    expect(problemOf(text)).toContain(expected);
  });

  it("names every error at once", () => {
    const problem = problemOf("seed: red\npeople: [{ at: -1, actor: a, as: ghost }]");
    for (const path of ["seed", "people.0.at", "people.0.as"]) expect(problem).toContain(path);
  });

  it("may be empty: nobody comes", () => {
    expect(parseScenario("", "test.yaml").people).toEqual([]);
  });

  it("that does not exist is one clear error", async () => {
    await expect(readScenario("/nowhere/at/all.yaml")).rejects.toMatchObject({ code: "LINTEL_E_USAGE" });
  });

  it("brings its people and prompts into the scene at their times", () => {
    const text =
      "people: [{ at: 2, actor: a, leaveAt: 6, id: x }, { at: 4, actor: b, as: print }]\ndisplay: [{ at: 3, prompt: turn }]";
    const scene = sceneOf(parseScenario(text, "test.yaml"), drawnCast("a", "b"), { width: 160, height: 120 });
    expect(scene.presentAt(1_000)).toEqual([]);
    expect(scene.presentAt(3_000)).toEqual(["x"]);
    expect([...scene.presentAt(5_000)].sort()).toEqual(["1-b-print", "x"]);
    expect(scene.presentAt(9_000)).toEqual(["1-b-print"]);
    expect(scene.history).toEqual([{ atMs: 3_000, prompt: "turn" }]);
  });

  it("with somebody who is not in the cast is refused by the place in the file", () => {
    const scenario = parseScenario("people: [{ at: 1, actor: a }, { at: 2, actor: zoe }]", "test.yaml");
    expect(() => sceneOf(scenario, drawnCast("a"), { width: 160, height: 120 })).toThrowError(/people\.1\.actor.*zoe/);
  });

  it.each(readdirSync(shipped))("%s, which ships with the project, is right", (file) => {
    const scenario = parseScenario(readFileSync(join(shipped, file), "utf8"), file);
    expect(scenario.people.length).toBeGreaterThan(0);
  });
});
