import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { Vitals } from "../../../../src/daemon/service/verdict.ts";
import { ServiceWatch } from "../../../../src/daemon/service/watch.ts";
import { FakeTime } from "../../../support/fake-time.ts";

function startWatch(watchdogMs: number | null = 8000) {
  const time = new FakeTime();
  const told: string[] = [];
  const state = { isGuardWell: true };
  const vitals = (): Vitals => ({
    guard: {
      isUp: true,
      readBackMs: state.isGuardWell ? time.nowMs() : time.nowMs() - 60_000,
      sinceMs: time.nowMs() - 60_000,
    },
    vision: { isUp: false, isReady: false, heardMs: null, sinceMs: 0, camera: "unknown", frameMs: null, isIdle: false },
  });
  const manager = { watchdogMs, tell: (message: string) => void told.push(message) };
  const watch = new ServiceWatch({
    manager,
    vitals,
    lock: () => "locked",
    clock: time,
    timers: time,
    logger: silentLogger,
  });
  const beats = () => told.filter((message) => message === "WATCHDOG=1").length;
  return { time, told, state, watch, beats };
}

describe("the service watch", () => {
  it("says ready, then answers the watchdog several times within its time", async () => {
    const { time, told, watch, beats } = startWatch();
    watch.start();
    expect(told.slice(0, 2)).toEqual(["READY=1", "WATCHDOG=1"]);
    await time.advance(8000);
    expect(beats()).toBe(5);
  });

  it("is silent while the daemon is not well, says why, and answers again when it is", async () => {
    const { time, told, state, watch, beats } = startWatch();
    watch.start();
    state.isGuardWell = false;
    await time.advance(10_000);
    expect(beats()).toBe(1);
    expect(told.at(-1)).toBe("STATUS=not well: the relay was not read back");
    state.isGuardWell = true;
    await time.advance(2000);
    expect(beats()).toBe(2);
    expect(told.at(-1)).toBe("STATUS=door locked, vision is down");
  });

  it("repeats no status that has not changed", async () => {
    const { time, told, watch } = startWatch();
    watch.start();
    await time.advance(20_000);
    expect(told.filter((message) => message.startsWith("STATUS="))).toHaveLength(1);
  });

  it("answers no watchdog where there is none", async () => {
    const { time, watch, beats } = startWatch(null);
    watch.start();
    await time.advance(20_000);
    expect(beats()).toBe(0);
  });

  it("says that it is stopping, once, and answers nothing afterwards", async () => {
    const { time, told, watch } = startWatch();
    watch.start();
    watch.stop();
    watch.stop();
    const said = told.length;
    await time.advance(20_000);
    expect(told).toHaveLength(said);
    expect(told.filter((message) => message === "STOPPING=1")).toHaveLength(1);
  });
});
