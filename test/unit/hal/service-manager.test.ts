import { describe, expect, it } from "vitest";
import { openServiceManager, type SdNotify } from "../../../src/hal/service-manager.ts";

const environment = { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "8000000" };
const quiet = () => {};
const never = () => Promise.reject(new Error("not to be loaded"));

describe("the service manager", () => {
  it("is not there, and nothing is loaded, where no service manager started us", async () => {
    expect(await openServiceManager({}, quiet, never)).toBeUndefined();
    expect(await openServiceManager({ NOTIFY_SOCKET: "" }, quiet, never)).toBeUndefined();
  });

  it.each([
    ["8000000", undefined, 8000],
    ["8000000", String(process.pid), 8000],
    ["8000000", String(process.pid + 1), null],
    [undefined, undefined, null],
    ["0", undefined, null],
    ["soon", undefined, null],
  ])("of WATCHDOG_USEC %s for process %s has a watchdog of %s ms", async (usec, pid, expected) => {
    const given = { ...environment, WATCHDOG_USEC: usec, WATCHDOG_PID: pid };
    expect((await openServiceManager(given, quiet, async () => async () => 1))?.watchdogMs).toBe(expected);
  });

  it("hears states in the order they were told, however long one takes", async () => {
    const heard: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const notify: SdNotify = async (state) => {
      if (state === "READY=1") await held;
      heard.push(state);
      return 1;
    };
    const manager = await openServiceManager(environment, quiet, async () => notify);
    manager?.tell("READY=1");
    manager?.tell("WATCHDOG=1");
    expect(heard).toEqual([]);
    release();
    await expect.poll(() => heard).toEqual(["READY=1", "WATCHDOG=1"]);
  });

  it("that cannot be reached is a complaint, and never a failure", async () => {
    const faults: string[] = [];
    const answers: (() => Promise<number>)[] = [async () => -111, () => Promise.reject(new Error("no thread"))];
    const notify: SdNotify = () => answers.shift()?.() ?? Promise.resolve(1);
    const manager = await openServiceManager(
      environment,
      (reason) => faults.push(reason),
      async () => notify,
    );
    manager?.tell("READY=1");
    manager?.tell("WATCHDOG=1");
    await expect.poll(() => faults).toEqual(["sd_notify: errno 111", "no thread"]);
  });
});
