import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { labelledClips } from "../../../../src/lab/liveness/clips.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lintel-labels-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const label = (document: unknown, at = folder) => writeFileSync(join(at, "labels.json"), JSON.stringify(document));

describe("labelled recordings", () => {
  it("are people or attacks by their truth, and of the species that is named", async () => {
    label({
      "a.mp4": { truth: "live, a crowd" },
      "b.mp4": { truth: "spoof (phone screen) held up" },
      "c.mp4": { truth: "spoof", species: "print", note: "kept" },
      "d.mp4": { truth: "spoof" },
    });
    expect((await labelledClips(folder)).map(({ name, isGenuine, kind }) => [name, isGenuine, kind])).toEqual([
      ["a.mp4", true, "person"],
      ["b.mp4", false, "phone screen"],
      ["c.mp4", false, "print"],
      ["d.mp4", false, "attack"],
    ]);
  });

  it("may lie in clips/", async () => {
    mkdirSync(join(folder, "clips"));
    label({ "a.mp4": { truth: "live" } }, join(folder, "clips"));
    expect(await labelledClips(folder)).toMatchObject([{ path: join(folder, "clips", "a.mp4") }]);
  });

  it.each([
    ["no file", undefined],
    ["a list", ["a.mp4"]],
    ["no truth", { "a.mp4": { note: "?" } }],
    ["a truth that is neither", { "a.mp4": { truth: "unsure" } }],
  ])("are refused with %s", async (_, document) => {
    if (document !== undefined) label(document);
    await expect(labelledClips(folder)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
  });
});
