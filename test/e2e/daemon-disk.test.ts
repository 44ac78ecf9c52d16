import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../src/simulation/roles.ts";
import { DoorRig } from "../support/door-rig.ts";
import { poll } from "../support/poll.ts";

/** A file system of its own for the state, small enough to be filled; needs the right to mount. */
const disk = mkdtempSync(join(tmpdir(), "lintel-disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "none", disk]).status === 0;
if (!isMounted) rmSync(disk, { recursive: true, force: true });
const reason = isMounted ? "" : " (left out: mounting is not allowed here)";

describe.skipIf(!isMounted)(`a door whose disk is full${reason}`, () => {
  let rig: DoorRig;
  const filler = join(disk, "filler");

  beforeAll(async () => {
    rig = await DoorRig.open({
      stateDirectory: join(disk, "state"),
      config: { door: { id: "rig", openSeconds: 1, restSeconds: 0 } },
    });
    await rig.enrolAlice();
    await rig.broker();
  });
  afterAll(async () => {
    await rig?.stop();
    spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  it("still opens for the enrolled person, says in one line what is wrong, and changes nobody", async () => {
    fill(filler);
    const from = rig.daemon.lines.length;
    const mark = await rig.mark();
    rig.enter({ id: "alice", actor: roles.enrolled });
    await rig.opened(mark, 20_000);
    await poll(
      async () => rig.shown.at(-1)?.title,
      (title) => title === "Welcome, Alice",
      () => "nobody was greeted",
      2000,
    );
    await rig.clear();
    await rig.locked(mark);
    await expect(rig.ask("people/remove", { id: "alice" })).rejects.toThrow(/disk is full/);
    // The line falls by the guard's hand; the daemon hears of it.
    const health = await poll(
      () => rig.health(),
      ({ lock }) => lock === "locked",
      () => "the daemon still takes the door for unlocked",
      1000,
    );
    expect(health).toMatchObject({ ok: true, people: 1 });
    const lines = rig.daemon.complaints(from).filter(({ msg }) => msg !== "request refused");
    expect(lines.map(({ text }) => text)).toHaveLength(1);
    expect(lines[0]?.text).toMatch(/disk is full/);
  });

  it("writes what happened meanwhile when there is space again, in order, and tells the broker", async () => {
    const { event } = await rig.listen(["granted"]);
    rmSync(filler);
    expect(await event).toMatchObject({ person: "alice" });
    const mark = await rig.mark();
    await rig.ask("door/unlock", { seconds: 1 });
    await rig.locked(mark);
    const events = await poll(
      () => rig.events(),
      (all) => all.filter(({ type }) => type === "closed").length === 2,
      () => "events are missing",
      5000,
    );
    const types = events.map(({ type }) => type).filter((type) => type !== "request-refused");
    expect(types.slice(0, 7)).toEqual(["started", "enrolled", "granted", "opened", "closed", "opened", "closed"]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
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
