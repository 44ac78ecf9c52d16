import { describe, expect, it } from "vitest";
import { catalogue, networkNames, sourceSha256 } from "../../../src/models/catalogue.ts";
import type { NetworkContract } from "../../../src/models/contract.ts";
import { findPackageFile, readSource } from "../../../src/models/source.ts";

describe("catalogue", () => {
  it("lists each network once, under its own name", () => {
    expect([...networkNames].sort()).toEqual(Object.keys(catalogue).sort());
    for (const name of networkNames) expect(catalogue[name].name).toBe(name);
  });

  it.each(networkNames)("the source of %s is installed and pinned in full", (name) => {
    const contract = catalogue[name];
    for (const { path, sha256 } of contract.files) {
      expect(findPackageFile(contract.package, path)).toBeDefined();
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it("knows a network by all of its files", () => {
    const { facemesh } = catalogue;
    const [graph, weights] = facemesh.files;
    if (graph === undefined || weights === undefined) throw new Error("two files were expected");
    const other = { ...facemesh, files: [graph, { ...weights, sha256: "0".repeat(64) }] };
    expect(sourceSha256(other)).not.toBe(sourceSha256(facemesh));
  });
});

describe("readSource", () => {
  const changed = (file: { path?: string; sha256?: string }): NetworkContract => {
    const [first, ...rest] = catalogue.blazeface.files;
    if (first === undefined) throw new Error("a file was expected");
    return { ...catalogue.blazeface, files: [{ ...first, ...file }, ...rest] };
  };

  it("refuses a file that is not the pinned one, and says which and how to mend it", async () => {
    await expect(readSource(changed({ sha256: "0".repeat(64) }))).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: expect.stringMatching(
        /^model blazeface: @vladmandic\/human\/models\/blazeface.json has SHA-256 cd7b[0-9a-f]+, expected 0{64}$/,
      ),
      hint: expect.stringContaining("npm ci"),
    });
  });

  it("refuses a file that is not there", async () => {
    await expect(readSource(changed({ path: "models/gone.json" }))).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: "model blazeface: @vladmandic/human/models/gone.json is not installed",
    });
  });
});
