import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { modelsCommand } from "../../../../src/cli/commands/models.ts";

let written: string;

beforeEach(() => {
  written = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const run = (...words: string[]) => modelsCommand().exitOverride().parseAsync(words, { from: "user" });

describe("lintel models", () => {
  it("list --json prints one document with the fields of the contract", async () => {
    await run("list", "--json");
    const { models } = JSON.parse(written);
    expect(models.map((model: { name: string }) => model.name)).toEqual(["blazeface", "facemesh", "dlib", "faceres"]);
    for (const model of models) {
      expect(model).toEqual({
        name: expect.any(String),
        job: expect.any(String),
        installed: true,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        licence: expect.stringMatching(/\S/),
      });
    }
  });

  it("list shows a row for each network under a heading", async () => {
    await run("list");
    const rows = written.trimEnd().split("\n");
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatch(/^NAME +JOB +INSTALLED +SHA-256 +LICENCE$/);
    expect(rows[3]).toMatch(/^dlib +face embedding +yes +[0-9a-f]{16} +public domain/);
  });

  it("verify reads the files and finds them as pinned", async () => {
    await run("verify", "--json");
    const { models } = JSON.parse(written);
    expect(models.map((model: { ok: boolean }) => model.ok)).toEqual([true, true, true, true]);
    expect(process.exitCode).toBeUndefined();
  });
});
