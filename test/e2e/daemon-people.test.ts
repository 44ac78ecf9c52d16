import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoCast } from "../../src/cli/demo/demo-cast.ts";
import { oddButGoodPhotos, refusedPhotos } from "../support/bad-photos.ts";
import { root } from "../support/daemon.ts";
import { DoorRig } from "../support/door-rig.ts";
import { testModelCache } from "../support/model-cache.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("people on the command line", () => {
  let rig: DoorRig;
  let portrait: Uint8Array;
  let newcomer: Uint8Array;

  const lintel = (...args: string[]) =>
    new Promise<Said>((resolve) => {
      const all = [join(root, "dist/cli/main.js"), ...args, "--config", rig.configFile];
      execFile(process.execPath, all, { timeout: 30_000 }, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });
  const save = (name: string, bytes: Uint8Array) => {
    const path = join(rig.folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const json = (said: Said) => JSON.parse(said.stdout);
  const ids = async () => json(await lintel("people", "list", "--json")).people.map(({ id }: { id: string }) => id);

  beforeAll(async () => {
    rig = await DoorRig.prepare();
    const cast = await demoCast(testModelCache);
    portrait = await cast.photoOf(cast.alice);
    newcomer = await cast.photoOf(cast.bob);
  });
  afterAll(() => rig?.stop());

  /** One life of a person, from nothing to nothing. */
  const tellLife = async () => {
    const photo = save("alice.jpg", portrait);
    const added = await lintel("people", "add", "alice", "--name", "Alice Example", "--json", photo);
    expect(added).toMatchObject({ code: 0 });
    expect(json(added)).toEqual({ id: "alice", templates: 1, refused: [] });
    const again = await lintel("people", "add", "alice", "--name", "Alice Example", photo);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain("same-picture");
    const other = await lintel("people", "add", "mallory", "--name", "Mallory", "--json", photo);
    expect(other.code).toBe(1);
    expect(json(other)).toMatchObject({ templates: 0, refused: [{ file: photo, reason: "already-enrolled" }] });
    expect(await ids()).toEqual(["alice"]);

    const updated = await lintel("people", "update", "alice", "--disable", "--groups", "staff,night", "--json");
    expect(json(updated)).toMatchObject({ enabled: false, groups: ["staff", "night"], name: "Alice Example" });
    expect(json(await lintel("people", "show", "alice", "--json"))).toMatchObject({ enabled: false, templates: 1 });
    const known = await lintel("identify", photo, "--json");
    expect(known).toMatchObject({ code: 0 });
    expect(json(known).faces).toMatchObject([{ person: "alice" }]);
    const unknown = await lintel("identify", save("bob.jpg", newcomer), "--json");
    expect(unknown).toMatchObject({ code: 1 });
    expect(json(unknown).faces).toMatchObject([{ person: null }]);

    expect(await lintel("people", "show", "bob")).toMatchObject({ code: 1, stdout: "" });
    expect(await lintel("people", "add", "Bad Id", "--name", "x", photo)).toMatchObject({ code: 2, stdout: "" });
    const absent = await lintel("people", "add", "bob", "--name", "Bob", join(rig.folder, "absent.jpg"));
    expect(absent.code).toBe(2);
    expect(absent.stderr.trim().split("\n")).toHaveLength(1);

    expect(await lintel("people", "remove", "alice")).toMatchObject({ code: 0 });
    expect(await lintel("people", "remove", "alice")).toMatchObject({ code: 1 });
    expect(await ids()).toEqual([]);
  };

  it("live and are forgotten while no daemon runs", tellLife);

  describe("beside the running daemon", () => {
    beforeAll(async () => {
      await rig.startDaemon();
    });

    it("live and are forgotten just the same, and the daemon knows at once", async () => {
      await tellLife();
      const types = (await rig.events()).map(({ type }) => type);
      expect(types.filter((type) => type === "enrolled")).toHaveLength(2);
      expect(types.filter((type) => type === "removed")).toHaveLength(2);
    });

    it("are not enrolled from a picture that cannot be used: each one gets one reason and its exit code", async () => {
      for (const { name, bytes, reason, exit } of await refusedPhotos(portrait)) {
        const said = await lintel("people", "add", "eve", "--name", "Eve", "--json", save(name, bytes));
        expect({ name, code: said.code }).toEqual({ name, code: exit });
        const { templates, refused } = json(said);
        expect({ name, templates, reasons: refused.map((one: { reason: string }) => one.reason) }).toEqual({
          name,
          templates: 0,
          reasons: [reason],
        });
        expect(refused[0].detail).toMatch(/^[A-Z].*[^\n]$/);
      }
      expect(await ids()).toEqual([]);
      expect((await rig.health()).lock).toBe("locked");
    });

    it("are identified on no picture that cannot be used, in one line", async () => {
      for (const { name, exit, reason, bytes } of await refusedPhotos(portrait)) {
        if (reason === "several-faces") continue;
        const said = await lintel("identify", save(name, bytes));
        expect({ name, code: said.code }).toEqual({ name, code: exit });
        expect(`${said.stdout}${said.stderr}`).toMatch(/^[^\n]+\n$/);
      }
    });

    it("are recognised on CMYK, 16-bit, lying and WebP pictures", async () => {
      const photo = save("alice.jpg", portrait);
      expect(await lintel("people", "add", "alice", "--name", "Alice", photo)).toMatchObject({ code: 0 });
      for (const { name, bytes } of await oddButGoodPhotos(portrait)) {
        const said = await lintel("identify", save(name, bytes), "--json");
        expect({ name, code: said.code, faces: json(said).faces }).toMatchObject({
          name,
          code: 0,
          faces: [{ person: "alice" }],
        });
      }
    });

    it("are recognised after the photo process was killed: the next picture gets a new one", async () => {
      const photo = save("alice.jpg", portrait);
      await lintel("identify", photo);
      process.kill(rig.daemon.pidOf("photos"), "SIGKILL");
      expect(await lintel("identify", photo)).toMatchObject({ code: 0 });
    });
  });
});
