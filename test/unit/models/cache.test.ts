import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompiledCache } from "../../../src/models/cache.ts";

let directory: string;
let cache: CompiledCache;
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const file = () => join(directory, "cache", "net-1.model");

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-cache-"));
  cache = new CompiledCache(join(directory, "cache"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("CompiledCache", () => {
  it("gives back what was written", async () => {
    await cache.write("net-1", bytes, "net-");
    const found = await cache.read("net-1");
    expect(found.kind === "found" && Buffer.from(found.bytes).equals(bytes)).toBe(true);
  });

  it("leaves one file that only its owner can read, and no temporary one", async () => {
    await cache.write("net-1", bytes, "net-");
    expect(await readdir(join(directory, "cache"))).toEqual(["net-1.model"]);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it("removes the compilation of an older version and nothing else", async () => {
    await cache.write("net-0", bytes, "net-");
    await cache.write("other-0", bytes, "other-");
    await writeFile(join(directory, "cache", "net-notes.txt"), "mine");
    await cache.write("net-1", bytes, "net-");
    expect((await readdir(join(directory, "cache"))).sort()).toEqual(["net-1.model", "net-notes.txt", "other-0.model"]);
  });

  it("finds nothing before anything was written", async () => {
    expect(await cache.read("net-1")).toEqual({ kind: "absent" });
  });

  it.each<[string, () => Promise<void>, string]>([
    ["one flipped bit in the model", () => flip(500), "wrong checksum"],
    ["one flipped bit in the checksum", () => flip(3), "wrong checksum"],
    ["a lost end", () => truncate(file(), 700), "wrong checksum"],
    ["a lost model", () => truncate(file(), 32), "too short"],
    ["a lost checksum", () => truncate(file(), 5), "too short"],
    ["nothing in it", () => truncate(file(), 0), "too short"],
    [
      "a stranger's content",
      () => writeFile(file(), "hello, I am no model, but I am longer than 32"),
      "wrong checksum",
    ],
  ])("does not hand out a file with %s", async (_, damage, reason) => {
    await cache.write("net-1", bytes, "net-");
    await damage();
    expect(await cache.read("net-1")).toEqual({ kind: "damaged", file: file(), reason });
  });

  it("says so when the place cannot be used", async () => {
    await writeFile(join(directory, "cache"), "a file where the folder should be");
    expect(await cache.read("net-1")).toMatchObject({ kind: "damaged" });
    await expect(cache.write("net-1", bytes, "net-")).rejects.toThrow();
  });

  it("writes over a damaged file", async () => {
    await cache.write("net-1", bytes, "net-");
    await truncate(file(), 3);
    await chmod(file(), 0o400);
    await cache.write("net-1", bytes, "net-");
    expect(await cache.read("net-1")).toMatchObject({ kind: "found" });
  });
});

async function flip(position: number): Promise<void> {
  const content = await readFile(file());
  content[position] = (content[position] ?? 0) ^ 1;
  await writeFile(file(), content);
}
