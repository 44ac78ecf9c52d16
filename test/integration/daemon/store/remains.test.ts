import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { searchRemains } from "../../../../src/daemon/store/remains.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const mebibyte = 1024 * 1024;

function fileWith(name: string, piece: Uint8Array, at: number, length: number): string {
  const directory = temporaryStateDirectory();
  const bytes = Buffer.alloc(length, 0x41);
  bytes.set(piece, at);
  writeFileSync(join(directory, name), bytes);
  return directory;
}

describe("the search for what must be gone", () => {
  const secret = randomBytes(512);

  test.each([
    ["at the start", 0, 512],
    ["at the end", 4 * mebibyte - 512, 512],
    ["across the border of two chunks", 4 * mebibyte - 8, 512],
    ["one byte before the border", 4 * mebibyte - 1, 512],
    ["as a rest of 31 bytes", 1000, 31],
    ["in a later chunk", 9 * mebibyte + 3, 512],
  ])("finds the secret %s", async (_name, at, length) => {
    const directory = fileWith("lintel.db", secret.subarray(3, 3 + length), at, Math.max(at + length, 4 * mebibyte));
    const { remains } = await searchRemains(directory, [secret]);
    expect(remains).toEqual(["lintel.db"]);
  });

  test("finds any 31 bytes in a row of it, wherever they begin and wherever they lie", async () => {
    const missed: string[] = [];
    for (let n = 0; n < 31; n++) {
      const at = 1000 + ((n * 7) % 13);
      const directory = fileWith("lintel.db", secret.subarray(n, n + 31), at, 4096);
      const { remains } = await searchRemains(directory, [secret]);
      if (remains.length !== 1) missed.push(`from byte ${n}, at ${at}`);
    }
    expect(missed).toEqual([]);
  });

  test("looks into directories, but not into those left out, and follows no link", async () => {
    const directory = temporaryStateDirectory();
    for (const name of ["copies", "models"]) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "file"), secret);
    }
    const outside = temporaryStateDirectory();
    writeFileSync(join(outside, "file"), secret);
    symlinkSync(outside, join(directory, "link"));
    const { files, bytes, remains } = await searchRemains(directory, [secret], ["models"]);
    expect({ files, bytes, remains }).toEqual({ files: 1, bytes: 512, remains: ["copies/file"] });
  });

  test("finds nothing where nothing is, and counts what it looked through", async () => {
    const directory = fileWith("lintel.db", randomBytes(16), 5, 5 * mebibyte);
    expect(await searchRemains(directory, [secret, randomBytes(16)])).toEqual({
      files: 1,
      bytes: 5 * mebibyte,
      remains: [],
    });
  });

  test("does not take a run of equal bytes, or a secret too short to be one, for a find", async () => {
    const directory = fileWith("lintel.db", Buffer.from("short"), 5, 4096);
    expect((await searchRemains(directory, [Buffer.alloc(512, 0x41), Buffer.from("short")])).remains).toEqual([]);
  });

  test("a directory that is gone is a failure, not a clean result", async () => {
    const directory = temporaryStateDirectory();
    rmSync(directory, { recursive: true });
    await expect(searchRemains(directory, [secret])).rejects.toThrow("ENOENT");
  });
});
