import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { askSystem } from "../../../src/daemon/clock-trust.ts";
import { openNotifySocket } from "../../support/notify-socket.ts";
import { temporaryFolder } from "../../support/processes.ts";

const hasLibrary = /libsystemd\.so\.0/.test(spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "");
const manager = fileURLToPath(new URL("../../../dist/hal/service-manager.js", import.meta.url));

/** Left out where libsystemd is not installed. */
describe.skipIf(!hasLibrary || !existsSync(manager))("libsystemd", () => {
  it("carries our states to the service manager's socket, in order", async () => {
    const socket = openNotifySocket();
    const program = `
      const { openServiceManager } = await import(${JSON.stringify(manager)});
      const manager = await openServiceManager(process.env, (reason) => { throw new Error(reason); });
      for (const state of ["READY=1", "WATCHDOG=1", "STATUS=door locked", "STOPPING=1"]) manager.tell(state);
      console.log(manager.watchdogMs);`;
    // The library reads the environment of the process itself: it must be started with it.
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "8000000" },
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "exit");
    expect({ code, said }).toEqual({ code: 0, said: "8000\n" });
    expect(socket.received()).toEqual(["READY=1", "WATCHDOG=1", "STATUS=door locked", "STOPPING=1"]);
    socket.close();
  });
});

/** Left out where systemd's own time service has spoken: then timedatectl is not asked. */
describe.skipIf(existsSync("/run/systemd/timesync/synchronized"))("asking the system for the time", () => {
  const folder = temporaryFolder();
  const { PATH, NOTIFY_SOCKET } = process.env;
  afterEach(() => {
    process.env.PATH = PATH;
    if (NOTIFY_SOCKET === undefined) delete process.env.NOTIFY_SOCKET;
    else process.env.NOTIFY_SOCKET = NOTIFY_SOCKET;
    folder.remove();
  });

  it("does not hand our service manager's socket to the program that is asked", async () => {
    writeFileSync(join(folder.path, "timedatectl"), '#!/bin/sh\n[ -z "$NOTIFY_SOCKET" ] && echo yes || echo no\n', {
      mode: 0o755,
    });
    process.env.PATH = `${folder.path}:${PATH}`;
    process.env.NOTIFY_SOCKET = "/run/absent";
    expect(await askSystem()).toBe("yes");
  });
});
