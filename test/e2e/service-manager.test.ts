import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DoorRig } from "../support/door-rig.ts";
import { openNotifySocket } from "../support/notify-socket.ts";
import { poll } from "../support/poll.ts";

const libraries = ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/libsystemd.so.0`);

/** Left out where libsystemd is not installed. */
describe.skipIf(!libraries.some(existsSync))("a daemon that a service manager has started", () => {
  let socket: ReturnType<typeof openNotifySocket>;
  let rig: DoorRig;
  const told: string[] = [];
  const untilTold = (fits: (all: readonly string[]) => boolean) =>
    poll(
      async () => {
        // Programs of systemd that the daemon runs (timedatectl) report their own errors; NotifyAccess=main leaves them out.
        told.push(...socket.received().filter((state) => !state.startsWith("ERRNO=")));
        return told;
      },
      fits,
      () => `told: ${told.join(", ")}`,
      20_000,
    );

  beforeEach(async () => {
    told.length = 0;
    socket = openNotifySocket();
    rig = await DoorRig.open({
      environment: { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "2000000" },
    });
  });
  afterEach(async () => {
    await rig.stop();
    socket.close();
  });

  it("says that it is ready, answers the watchdog, and says that it is stopping", async () => {
    await untilTold((all) => all.filter((state) => state === "WATCHDOG=1").length >= 3);
    expect(told[0]).toBe("READY=1");
    expect(told.filter((state) => state === "READY=1")).toHaveLength(1);
    await untilTold((all) => all.some((state) => state.startsWith("STATUS=door locked")));
    rig.daemon.kill("SIGTERM");
    expect(await rig.daemon.ended).toBe(0);
    await untilTold((all) => all.at(-1) === "STOPPING=1");
  });
});
