import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  requireMachineTime,
  shiftedClock,
  shiftedTimers,
  TimeSource,
  timeSourceOf,
  timeSourceVariable,
} from "../../../src/core/time-source.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "lintel-time-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "time");
}

/** Who directs, and somebody else who only reads. */
function pair() {
  const file = newFile();
  const director = TimeSource.create(file);
  const reader = TimeSource.open(file);
  onTestFinished(() => {
    director.close();
    reader.close();
  });
  return { file, director, reader };
}

describe("a time source", () => {
  test("shifts nothing at first, and both clocks of everybody at once when time is skipped", () => {
    const { director, reader } = pair();
    const machine = new ManualClock();
    const clock = shiftedClock(machine, reader);
    expect(clock.nowMs()).toBe(machine.nowMs());
    director.skip(3_600_000);
    expect(clock.nowMs() - machine.nowMs()).toBe(3_600_000);
    expect(clock.date().getTime() - machine.date().getTime()).toBe(3_600_000);
  });

  test("never takes the monotonic clock back, whatever the time of day is set to", () => {
    const { director, reader } = pair();
    const machine = new ManualClock();
    const clock = shiftedClock(machine, reader);
    director.skip(5000);
    director.setWall(-86_400_000);
    expect(clock.nowMs() - machine.nowMs()).toBe(5000);
    expect(clock.date().getTime() - machine.date().getTime()).toBe(5000 - 86_400_000);
    expect(() => director.skip(-1)).toThrow(/forwards only/);
    expect(() => director.skip(Number.NaN)).toThrow(/forwards only/);
  });

  test("is not made over one that is there, and not read when it was cut short", () => {
    const { file, reader } = pair();
    expect(() => TimeSource.create(file)).toThrow(/EEXIST/);
    writeFileSync(file, Buffer.alloc(3));
    expect(() => reader.shift).toThrow(/cut short/);
  });

  test("is found by the environment, and without it nobody has one", () => {
    const { file } = pair();
    expect(timeSourceOf({})).toBeUndefined();
    expect(timeSourceOf({ [timeSourceVariable]: "" })).toBeUndefined();
    expect(() => timeSourceOf({ [timeSourceVariable]: `${file}-absent` })).toThrow(/ENOENT/);
  });

  test("is refused where the lines are real: a strike is never opened by time that somebody else writes", () => {
    expect(() => requireMachineTime({ [timeSourceVariable]: "/tmp/time" })).toThrow(
      expect.objectContaining({ code: "LINTEL_E_CONFIG" }),
    );
    expect(() => requireMachineTime({})).not.toThrow();
  });
});

describe("somebody who waits on a time source", () => {
  function waiting(delayMs: number) {
    const { director, reader } = pair();
    const machine = new ManualClock();
    const fired: number[] = [];
    const callOff = shiftedTimers(machine, shiftedClock(machine, reader)).after(delayMs, () => {
      fired.push(machine.nowMs());
    });
    return { director, machine, fired, callOff, startMs: machine.nowMs() };
  }

  test("waits as long as without one while no time is skipped", () => {
    const { machine, fired, startMs } = waiting(1234);
    machine.advance(1233);
    expect(fired).toEqual([]);
    machine.advance(1);
    expect(fired).toEqual([startMs + 1234]);
  });

  test("is woken a tenth of a second after a jump over its time, once", () => {
    const { director, machine, fired } = waiting(60_000);
    director.skip(60_000);
    machine.advance(100);
    expect(fired).toHaveLength(1);
    machine.advance(200_000);
    expect(fired).toHaveLength(1);
  });

  test("waits on for what a jump has left of its time", () => {
    const { director, machine, fired } = waiting(60_000);
    director.skip(59_000);
    machine.advance(999);
    expect(fired).toEqual([]);
    machine.advance(1);
    expect(fired).toHaveLength(1);
  });

  test("is not woken once called off, before and after a jump", () => {
    const { director, machine, fired, callOff } = waiting(60_000);
    machine.advance(150);
    callOff();
    director.skip(60_000);
    machine.advance(1000);
    expect(fired).toEqual([]);
  });
});
