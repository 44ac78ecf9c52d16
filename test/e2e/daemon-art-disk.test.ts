import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DoorRig } from "../support/door-rig.ts";
import { artConfigOf, hangInputs, longPainting, picture, untilArt } from "../support/painting.ts";

/** A file system of its own for the pictures, small enough to be filled; needs the right to mount. */
const disk = mkdtempSync(join(tmpdir(), "lintel-disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "none", disk]).status === 0;
if (!isMounted) rmSync(disk, { recursive: true, force: true });
const reason = isMounted ? "" : " (left out: mounting is not allowed here)";

describe.skipIf(!isMounted)(`a painting whose disk is full${reason}`, () => {
  let rig: DoorRig;
  let inputs: Awaited<ReturnType<typeof hangInputs>>;
  const filler = join(disk, "filler");
  const checkpoint = join(disk, "jobs", "1", "checkpoint");

  beforeAll(async () => {
    inputs = await hangInputs();
    rig = await DoorRig.open({ config: { art: { ...artConfigOf(inputs), directory: disk } } });
  });
  afterAll(async () => {
    await rig?.stop();
    inputs?.remove();
    spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  it("goes on, says so in one line, and keeps the checkpoint that it has", async () => {
    await rig.ask("art/render", { ...picture, settings: longPainting });
    await untilArt(rig, ({ painting }) => (painting?.step ?? 0) >= 3);
    fill(filler);
    const line = await rig.daemon.logged("painting goes on with trouble", 20_000);
    expect(line.text).toContain("checkpoint not written: the disk is full");
    const { painting } = await untilArt(rig, () => true);
    await untilArt(rig, (state) => (state.painting?.step ?? 0) > (painting?.step ?? 0) + 3);
    expect(statSync(checkpoint).size).toBeGreaterThan(100_000);
  });

  it("goes on from that checkpoint after a crash, and writes new ones when there is space again", async () => {
    process.kill(rig.daemon.pidOf("art"), "SIGKILL");
    const again = await untilArt(rig, ({ painting }) => painting !== null && painting.step > 0, 20_000);
    expect(again.painting?.step).toBeGreaterThan(2);
    const before = statSync(checkpoint).mtimeMs;
    rmSync(filler);
    await untilArt(rig, () => statSync(checkpoint).mtimeMs > before, 20_000);
    expect(await rig.health()).toMatchObject({ ok: true });
  });
});

function fill(file: string): void {
  for (let bytes = 64 * 1024; bytes >= 512; ) {
    try {
      appendFileSync(file, Buffer.alloc(bytes));
    } catch {
      bytes /= 2;
    }
  }
}
