import { describe, expect, it } from "vitest";
import { type LintelConfig, lintelConfig } from "../../../../src/daemon/config/schema.ts";
import { lockProblems, lockText } from "../../../../src/daemon/door/lock.ts";

function configured(changes: { lock?: object; door?: object; inputs?: object } = {}): LintelConfig {
  const { inputs = {}, ...rest } = changes;
  return lintelConfig.parse({
    camera: { driver: "ffmpeg", source: "/dev/video0" },
    gpio: { driver: "simulated", socketPath: "/run/x.sock", outputs: { strike: { line: 0 } }, inputs },
    ...rest,
  });
}
const problemsOf = (changes: Parameters<typeof configured>[0]) =>
  lockProblems(configured(changes)).map(({ path }) => path);

describe("the section lock", () => {
  it("is a fail-secure strike without a timer unless it says otherwise", () => {
    expect(configured().lock).toEqual({ kind: "fail-secure" });
    expect(lockText(configured())).toMatch(/^fail-secure: on the normally open contact.*; no timer relay/);
  });

  it("tells the installer the other contact for a fail-safe lock, and what ends its openings", () => {
    const text = lockText(configured({ lock: { kind: "fail-safe", timerSeconds: 6 } }));
    expect(text).toMatch(/^fail-safe: on the normally closed contact.*; a timer relay ends an opening after 6 s$/);
  });

  it.each([
    [{ contact: { line: 1 } }, true],
    [{ contact: { line: 1 }, requestToExit: { line: 2 } }, false],
    [{}, false],
  ])("with the inputs %j warns of alarms by whoever leaves: %s", (inputs, warns) => {
    expect(lockText(configured({ inputs })).includes("forced")).toBe(warns);
  });

  it.each([
    [{ lock: { timerSeconds: 5 }, door: { openSeconds: 6 } }, ["door.openSeconds"]],
    [{ lock: { timerSeconds: 6 }, door: { openSeconds: 6 } }, []],
    [{ door: { openSeconds: 255, passageSchedule: "office" } }, []],
    [{ lock: { timerSeconds: 10 }, door: { passageSchedule: "office" } }, ["door.passageSchedule"]],
  ])("finds what the timer relay would end too early: %j", (changes, paths) => {
    expect(problemsOf(changes)).toEqual(paths);
  });

  it.each([{ kind: "magnet" }, { timerSeconds: 0 }, { timerSeconds: 256 }, { timerSeconds: 2.5 }, { relay: "NC" }])(
    "refuses %j",
    (lock) => {
      expect(lintelConfig.shape.lock.safeParse(lock).success).toBe(false);
    },
  );
});
