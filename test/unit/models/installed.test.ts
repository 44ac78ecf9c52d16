import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InstalledModels } from "../../../src/models/installed.ts";
import { optionalNetworkNames, optionalNetworks } from "../../../src/models/optional.ts";
import { catalogueOf, opinionated } from "../../support/tiny-networks.ts";

const v2 = opinionated(1);
const v1se = opinionated(2);
const networks = catalogueOf({ v2, v1se });
let directory: string;
let store: InstalledModels;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-installed-"));
  store = new InstalledModels({ cacheDirectory: directory, networks });
});
afterEach(() => rm(directory, { recursive: true }));

const file = (name: string) => join(directory, "installed", `${name}.onnx`);

describe("the optional networks", () => {
  it("nothing is installed before somebody does so", async () => {
    expect(await store.names()).toEqual([]);
    expect(await store.state("minifasnet-v2")).toEqual({ kind: "absent" });
    await expect(store.read("minifasnet-v2")).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: "model minifasnet-v2 is not installed",
    });
  });

  it("a file is recognised by what is in it, and kept for its owner alone", async () => {
    expect(await store.add(v1se)).toMatchObject({ name: "minifasnet-v1se", file: { what: "made for a test" } });
    expect(await store.names()).toEqual(["minifasnet-v1se"]);
    expect((await stat(file("minifasnet-v1se"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, "installed"))).mode & 0o777).toBe(0o700);
    const { bytes, sha256 } = await store.read("minifasnet-v1se");
    expect(Buffer.compare(bytes, v1se)).toBe(0);
    expect(sha256).toBe(networks["minifasnet-v1se"].accepted[0].sha256);
  });

  it.each<[string, Uint8Array]>([
    ["another network", opinionated(3)],
    ["no network", Buffer.from("no network")],
    ["nothing", new Uint8Array()],
    ["one that is damaged in one bit", v2.map((byte, i) => (i === 100 ? byte ^ 1 : byte))],
  ])("%s is refused and leaves nothing behind", async (_, bytes) => {
    await expect(store.add(bytes)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
    expect(await store.names()).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it("one network is not taken for the other", async () => {
    await expect(store.add(v2, "minifasnet-v1se")).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
    expect(await store.names()).toEqual([]);
  });

  it("adding again replaces the file and leaves no rest of it", async () => {
    await store.add(v2);
    await store.add(v2);
    expect(await readdir(join(directory, "installed"))).toEqual(["minifasnet-v2.onnx"]);
  });

  it.each<[string, (path: string) => Promise<void>]>([
    [
      "damaged",
      async (path) =>
        writeFile(
          path,
          (await readFile(path)).map((byte, i) => (i === 9 ? byte ^ 4 : byte)),
        ),
    ],
    ["empty", (path) => writeFile(path, "")],
    ["the other network", (path) => writeFile(path, v1se)],
    ["far too large", (path) => writeFile(path, Buffer.alloc(70_000))],
    ["a folder", (path) => rm(path).then(async () => void (await mkdir(path)))],
  ])("an installed file that is %s is never opened", async (_, damage) => {
    await store.add(v2);
    await damage(file("minifasnet-v2"));
    expect(await store.state("minifasnet-v2")).toMatchObject({ kind: "damaged" });
    expect(await store.names()).toEqual(["minifasnet-v2"]);
    await expect(store.read("minifasnet-v2")).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      hint: expect.stringContaining("lintel models retire minifasnet-v2"),
    });
  });

  it("a store that cannot be written says so", async () => {
    await writeFile(join(directory, "installed"), "a file where the folder should be");
    await expect(store.add(v2)).rejects.toMatchObject({ code: "LINTEL_E_STORAGE" });
  });

  it("a network is removed once", async () => {
    await store.add(v2);
    expect(await store.remove("minifasnet-v2")).toBe(true);
    expect(await store.remove("minifasnet-v2")).toBe(false);
    expect(await store.names()).toEqual([]);
  });
});

describe("the catalogue of optional networks", () => {
  it.each(optionalNetworkNames)("%s says whence it comes, by what it is known and under which licence", (name) => {
    const network = optionalNetworks[name];
    expect(network.name).toBe(name);
    expect(network.url).toMatch(/^https:\/\//);
    expect(network.url.endsWith(`/${network.file}`)).toBe(true);
    expect(network.licence).toMatch(/\S/);
    for (const { sha256, what } of network.accepted) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(what).toMatch(/\S/);
    }
  });

  it("no file is pinned for two networks", () => {
    const pins = optionalNetworkNames.flatMap((name) => optionalNetworks[name].accepted.map(({ sha256 }) => sha256));
    expect(new Set(pins).size).toBe(pins.length);
  });
});
