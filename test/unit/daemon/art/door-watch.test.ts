import { describe, expect, it } from "vitest";
import { DoorWatch, quietAfterMs } from "../../../../src/daemon/art/door-watch.ts";
import { FakeTime } from "../../../support/fake-time.ts";

function watch() {
  const time = new FakeTime();
  const calls: string[] = [];
  const yielding = { stop: () => void calls.push("stop"), goOn: () => void calls.push("go on") };
  return { time, calls, watch: new DoorWatch({ clock: time, timers: time, yielding }) };
}

describe("yielding to the door", () => {
  it("stops with the first face, in the same turn", () => {
    const { watch: door, calls } = watch();
    door.sighted();
    expect(calls).toEqual(["stop"]);
    expect(door.isBusy).toBe(true);
  });

  it("goes on five seconds after the last face and not a moment before", async () => {
    const { watch: door, calls, time } = watch();
    door.sighted();
    await time.advance(quietAfterMs - 1);
    expect(calls).toEqual(["stop"]);
    await time.advance(1);
    expect(calls).toEqual(["stop", "go on"]);
    expect(door.isBusy).toBe(false);
  });

  it("counts from the last face, however often one is seen, and stops only once", async () => {
    const { watch: door, calls, time } = watch();
    for (let i = 0; i < 40; i++) {
      door.sighted();
      await time.advance(66);
    }
    await time.advance(quietAfterMs - 67);
    expect(calls).toEqual(["stop"]);
    await time.advance(1);
    expect(calls).toEqual(["stop", "go on"]);
  });

  it("many faces make one timer", () => {
    const { watch: door, time } = watch();
    for (let i = 0; i < 1000; i++) door.sighted();
    expect(time.waiting).toBe(1);
  });

  it("the next person stops it again", async () => {
    const { watch: door, calls, time } = watch();
    door.sighted();
    await time.advance(quietAfterMs);
    door.sighted();
    await time.advance(quietAfterMs);
    expect(calls).toEqual(["stop", "go on", "stop", "go on"]);
  });

  it("a process that stood still looks at the clock again before it goes on", async () => {
    const { watch: door, calls, time } = watch();
    door.sighted();
    time.jump(quietAfterMs + 1000);
    door.sighted();
    await time.advance(0);
    expect(calls).toEqual(["stop"]);
    await time.advance(quietAfterMs);
    expect(calls).toEqual(["stop", "go on"]);
  });

  it("nothing happens any more after its end", async () => {
    const { watch: door, calls, time } = watch();
    door.sighted();
    door.stop();
    await time.advance(60_000);
    expect(calls).toEqual(["stop"]);
  });
});
