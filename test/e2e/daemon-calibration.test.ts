import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../src/simulation/roles.ts";
import { root } from "../support/daemon.ts";
import { DoorRig } from "../support/door-rig.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the threshold of a running door", () => {
  let rig: DoorRig;

  const lintel = (...args: string[]) =>
    new Promise<Said>((resolve) => {
      const all = [join(root, "dist/cli/main.js"), ...args, "--config", rig.configFile];
      execFile(process.execPath, all, { timeout: 30_000 }, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });

  beforeAll(async () => {
    rig = await DoorRig.prepare({ config: { recognition: { targetFpir: 0.01, maxDistance: 0.5 } } });
    await rig.startDaemon();
    await rig.enrolAlice();
    await rig.enrol("bob", "Bob Example", roles.newcomer);
  });
  afterAll(() => rig?.stop());

  it("is found by the daemon on a thread of its own, is used at once, and stands in the audit log", async () => {
    const said = await lintel("calibrate", "--strangers-per-day", "50", "--json");
    expect(said).toMatchObject({ code: 0, stderr: "" });
    const found = JSON.parse(said.stdout);
    expect(found).toMatchObject({ people: 2, templates: 2, targetFpir: 0.01, strangersPerDay: 50, n: 0 });
    expect(found).toMatchObject({ basis: "shipped", fromSite: null, threshold: expect.any(Number) });
    expect(Math.abs(found.threshold - found.before)).toBeGreaterThan(0.001);
    const updates = (await rig.events()).filter(({ type }) => type === "updated");
    expect(updates).toMatchObject([{ changed: ["threshold"], threshold: found.threshold, people: 2 }]);

    const again = await lintel("calibrate");
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain(`Threshold ${found.threshold.toFixed(3)} (as before), for 2 people`);
    expect((await rig.events()).filter(({ type }) => type === "updated")).toHaveLength(1);
  });

  it("is judged for each person by people check", async () => {
    const said = await lintel("people", "check", "--json");
    expect(said).toMatchObject({ code: 0, stderr: "" });
    const { people } = JSON.parse(said.stdout);
    expect(people).toMatchObject([
      { person: "alice", templates: 1, sureness: "unknown", ownDistance: null, nearest: { person: "bob" } },
      { person: "bob", templates: 1, sureness: "unknown", ownDistance: null, nearest: { person: "alice" } },
    ]);
    expect((await lintel("people", "check", "alice")).stdout).toContain("There is one picture only");
  });
});
