import { execFile } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { auditKit, dayMs } from "../support/audit-kit.ts";
import { root } from "../support/daemon.ts";

/** Runs `lintel events …` from dist/ on a state directory. */
async function lintel(stateDirectory: string, ...args: string[]) {
  const config = join(stateDirectory, "lintel.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      stateDirectory,
      camera: { driver: "simulated", socket: "/nowhere" },
      gpio: { driver: "simulated", socketPath: "/nowhere", outputs: { strike: { line: 0 } } },
    }),
  );
  const run = promisify(execFile)(process.execPath, [`${root}dist/cli/main.js`, "events", ...args, "--config", config]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

describe("lintel events verify", () => {
  test("prints one document and says 0 for a chain that holds, beside whoever has the database open", async () => {
    const kit = auditKit();
    kit.append(30);
    const { code, stdout } = await lintel(kit.directory, "verify", "--json");
    const { seq, hash } = kit.log.status;
    expect(JSON.parse(stdout)).toEqual({
      ...{ events: 30, ok: true, brokenAt: null, reason: null, removedThrough: 0 },
      head: { seq, hash },
    });
    expect(code).toBe(0);
    kit.append(1);
    expect((await lintel(kit.directory, "verify", "--head", `${seq}:${hash}`)).code).toBe(0);
  });

  test("says 1 and where for a broken one", async () => {
    const kit = auditKit();
    kit.append(30);
    kit.tamper("UPDATE events SET json = '{}' WHERE seq = 12");
    const { code, stdout } = await lintel(kit.directory, "verify", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ events: 30, ok: false, brokenAt: 12, reason: "altered" });
    expect((await lintel(kit.directory, "verify")).stdout).toContain("event 12 was altered");
  });

  test("believes a checkpoint by the daemon's key, or by one that is named, and none without", async () => {
    const kit = auditKit();
    kit.append(10);
    kit.time.jump(100 * dayMs);
    await kit.retention().run();
    expect((await lintel(kit.directory, "verify")).stdout).toContain("1 to 10 were removed by age");
    expect((await lintel(kit.directory, "verify", "--key", kit.key.publicKey)).code).toBe(0);
    const other = auditKit();
    expect((await lintel(kit.directory, "verify", "--key", other.key.publicKey)).code).toBe(1);
  });

  test.each([
    ["a head that is none", ["--head", "12"], 2],
    ["a head that was never written", ["--head", `3:${"a".repeat(64)}`], 1],
  ])("%s", async (_name, args, code) => {
    const kit = auditKit();
    kit.append(5);
    expect((await lintel(kit.directory, "verify", ...args)).code).toBe(code);
  });
});

describe("lintel events export", () => {
  test("CSV opens in a spreadsheet without a formula in it, and only its owner can read the file", async () => {
    const kit = auditKit();
    kit.log.append("request-refused", { by: '=HYPERLINK("http://evil.example")', reason: "+1" });
    kit.append(2);
    const out = join(kit.directory, "out.csv");
    const { code, stdout, stderr } = await lintel(kit.directory, "export", "--format", "csv", "--out", out);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("3 events written");
    const lines = readFileSync(out, "utf8").split("\r\n");
    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain(`"'+1","'=HYPERLINK(""http://evil.example"")"`);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect((await lintel(kit.directory, "export", "--out", out)).code).toBe(2);
  });

  test("JSON Lines holds every event as it is published, in order, also more than one read's worth", async () => {
    const kit = auditKit();
    kit.append(2500);
    const { code, stdout, stderr } = await lintel(kit.directory, "export");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "lintel: 2500 events written\n" });
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text));
    expect(events).toHaveLength(2500);
    expect(events.slice(0, 1000)).toEqual(kit.log.read(1, 1000));
    const since = events[2000].time;
    expect((await lintel(kit.directory, "export", "--since", since)).stdout.trimEnd().split("\n")).toHaveLength(500);
    expect((await lintel(kit.directory, "export", "--person", "nobody")).stdout).toBe("");
  });
});

test("a reader that has seen enough ends the export without a complaint", async () => {
  const kit = auditKit();
  kit.append(3000);
  await lintel(kit.directory, "verify");
  const export3 = `"${process.execPath}" "${root}dist/cli/main.js" events export --config "${kit.directory}/lintel.yaml"`;
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", `set -o pipefail; ${export3} | head -n 1`]);
  expect(JSON.parse(stdout)).toEqual(kit.log.read(1, 1)[0]);
  expect(stderr).not.toContain("EPIPE");
});

test("lintel events tail shows the newest ones, and nothing in them steers the terminal", async () => {
  const kit = auditKit();
  kit.append(30);
  kit.log.append("request-refused", { by: "\u001b[2Jevil\u009b1m\u202e" });
  const { stdout } = await lintel(kit.directory, "tail", "-n", "3");
  expect(stdout.trimEnd().split("\n")).toHaveLength(3);
  expect(stdout).toContain("request-refused");
  for (const control of ["\u001b", "\u009b", "\u202e"]) expect(stdout).not.toContain(control);
  const { events } = JSON.parse((await lintel(kit.directory, "tail", "-n", "2", "--json")).stdout);
  expect(events).toEqual(kit.log.read(30, 2));
  expect((await lintel(kit.directory, "tail", "--follow", "--json")).code).toBe(2);
});
