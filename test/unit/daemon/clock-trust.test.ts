import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { ClockTrust, type Synchronised } from "../../../src/daemon/clock-trust.ts";
import { FakeTime, settle } from "../../support/fake-time.ts";
import { MemoryEventLog } from "../../support/memory-house.ts";

class WallTime extends FakeTime {
  wall = "2031-01-01T12:00:00Z";
  override readonly date = (): Date => new Date(this.wall);
}

let time: WallTime;
let answer: Synchronised;
let asked: number;

beforeEach(() => {
  time = new WallTime();
  answer = "yes";
  asked = 0;
});

function trust(options: { requireSync?: boolean; newestEventTime?: string } = {}) {
  const events = new MemoryEventLog();
  const made = new ClockTrust({
    ...{ clock: time, timers: time, logger: silentLogger, events, requireSync: options.requireSync ?? true },
    newestEventTime: options.newestEventTime,
    askSystem: async () => {
      asked += 1;
      return answer;
    },
  });
  made.start();
  return made;
}

test("before the system has answered nothing is trusted", async () => {
  const clock = trust();
  expect(clock.problem).toBe("not-asked-yet");
  await settle();
  expect(clock.isClockTrusted()).toBe(true);
});

test.each([
  ["yes", null],
  ["unknown", null],
  ["no", "not-synchronised"],
] as const)("a system that says %s: %s", async (says, problem) => {
  answer = says;
  const clock = trust();
  await settle();
  expect(clock.problem).toBe(problem);
});

test("a synchronisation that comes later is noticed within seconds, one that is lost within a minute", async () => {
  answer = "no";
  const clock = trust();
  await settle();
  answer = "yes";
  await time.advance(5_000);
  expect(clock.isClockTrusted()).toBe(true);
  answer = "no";
  await time.advance(60_000);
  expect(clock.isClockTrusted()).toBe(false);
});

test("a system that cannot be asked is no reason for trust", async () => {
  const clock = new ClockTrust({
    ...{ clock: time, timers: time, logger: silentLogger, events: new MemoryEventLog(), requireSync: true },
    newestEventTime: undefined,
    askSystem: () => Promise.reject(new Error("no")),
  });
  clock.start();
  await settle();
  expect(clock.problem).toBe("not-synchronised");
  clock.stop();
  expect(time.waiting).toBe(0);
});

test.each(["1970-01-01T00:00:10Z", "2024-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "not a time"])(
  "a clock that shows %s is implausible, synchronised or not",
  (wall) => {
    time.wall = wall;
    expect(trust({ requireSync: false }).problem).toBe("implausible");
  },
);

describe("a clock that is before the newest event", () => {
  test("is not trusted after a start, but for the few seconds that a synchronisation takes back", () => {
    expect(trust({ requireSync: false, newestEventTime: "2031-01-01T12:00:04Z" }).problem).toBeNull();
    const clock = trust({ requireSync: false, newestEventTime: "2031-01-01T12:01:00Z" });
    expect(clock.problem).toBe("before-newest-event");
    time.wall = "2031-01-01T12:01:00Z";
    expect(clock.problem).toBeNull();
  });

  test("is not trusted while we run, and a new event under the wrong time does not mend it", () => {
    const listeners: ((event: { time: string }) => void)[] = [];
    const clock = new ClockTrust({
      ...{ clock: time, timers: time, logger: silentLogger, requireSync: false, newestEventTime: undefined },
      events: {
        subscribe: (listener) => {
          listeners.push((event) => listener({ seq: 1, type: "unknown", ...event }));
          return () => {};
        },
      },
    });
    clock.start();
    listeners[0]?.({ time: "2031-01-01T12:00:00Z" });
    time.wall = "2031-01-01T11:00:00Z";
    expect(clock.problem).toBe("before-newest-event");
    listeners[0]?.({ time: "2031-01-01T11:00:00Z" });
    expect(clock.problem).toBe("before-newest-event");
  });
});

test("a door with a battery clock and no network is not made to wait", () => {
  const clock = trust({ requireSync: false });
  expect([clock.problem, asked]).toEqual([null, 0]);
});
