import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { modelsCommand } from "../../../../src/cli/commands/models.ts";

let written: string;
let home: string;

beforeEach(() => {
  written = "";
  home = mkdtempSync(join(tmpdir(), "lintel-models-"));
  vi.stubEnv("XDG_CACHE_HOME", home);
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
  process.exitCode = undefined;
});

const run = (...words: string[]) => modelsCommand().exitOverride().parseAsync(words, { from: "user" });

describe("lintel models", () => {
  it("list --json prints one document with the fields of the contract", async () => {
    await run("list", "--json");
    const { models } = JSON.parse(written);
    expect(models.map((model: { name: string }) => model.name)).toEqual([
      "blazeface",
      "facemesh",
      "dlib",
      "faceres",
      "minifasnet-v2",
      "minifasnet-v1se",
      "sface-2021dec",
      "auraface-v1",
      "mobileface-v2",
      "vgg19",
    ]);
    for (const model of models) {
      expect(model).toEqual({
        name: expect.any(String),
        job: expect.any(String),
        installed: ["blazeface", "facemesh", "dlib", "faceres"].includes(model.name),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        licence: expect.stringMatching(/\S/),
      });
    }
  });

  it("list shows a row for each network under a heading", async () => {
    await run("list");
    const rows = written.trimEnd().split("\n");
    expect(rows).toHaveLength(11);
    expect(rows[0]).toMatch(/^NAME +JOB +INSTALLED +SHA-256 +LICENCE$/);
    expect(rows[3]).toMatch(/^dlib +face embedding +yes +[0-9a-f]{16} +public domain/);
  });

  it("verify reads the files and finds them as pinned", async () => {
    await run("verify", "--json");
    const { models } = JSON.parse(written);
    expect(models.map((model: { ok: boolean }) => model.ok)).toEqual(new Array(10).fill(true));
    expect(process.exitCode).toBeUndefined();
  });

  it("an optional network that is not installed is no fault, and its public home is named", async () => {
    await run("verify");
    expect(written).toMatch(/^ok +minifasnet-v2: optional, not installed \(https:/m);
  });

  it("verify finds an installed file that is not the pinned one", async () => {
    putInstalled("minifasnet-v2", "no network");
    await run("verify", "--json");
    const { models } = JSON.parse(written);
    expect(models.find((model: { name: string }) => model.name === "minifasnet-v2")).toMatchObject({
      installed: true,
      ok: false,
      detail: expect.stringContaining("none of the pinned ones"),
    });
    expect(process.exitCode).toBe(1);
  });

  it("add refuses a file that is no known network, in one line that names it", async () => {
    const file = join(home, "stranger.onnx");
    writeFileSync(file, "no network");
    await expect(run("add", file)).rejects.toMatchObject({
      code: "LINTEL_E_UNREADABLE",
      message: expect.stringMatching(
        /^stranger\.onnx: SHA-256 [0-9a-f]{64} is not that of a network that Lintel knows$/,
      ),
    });
  });

  it.each(["absent.onnx", "."])("add refuses %s, which cannot be read", async (name) => {
    await expect(run("add", join(home, name))).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
  });

  it.each(["blazeface", "../minifasnet-v2", ""])("%j can be neither pulled nor retired", async (name) => {
    for (const action of ["pull", "retire"]) {
      await expect(run(action, name)).rejects.toMatchObject({ code: "LINTEL_E_USAGE" });
    }
  });

  it("pull keeps nothing of a mirror that has another file under the name", async () => {
    vi.stubEnv("LINTEL_MODEL_MIRROR", home);
    writeFileSync(join(home, "MiniFASNetV2.onnx"), "no network");
    await expect(run("pull", "minifasnet-v2")).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
    await run("list", "--json");
    expect(JSON.parse(written).models[4]).toMatchObject({ name: "minifasnet-v2", installed: false });
  });

  it("retire removes what is there, and says no to what is not", async () => {
    putInstalled("minifasnet-v2", "no network");
    await run("retire", "minifasnet-v2", "--json");
    expect(JSON.parse(written)).toEqual({ retired: ["minifasnet-v2"] });
    expect(process.exitCode).toBeUndefined();
    await run("retire", "minifasnet-v2");
    expect(process.exitCode).toBe(1);
  });
});

function putInstalled(name: string, content: string): void {
  const directory = join(home, "lintel", "models", "installed");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.onnx`), content);
}
