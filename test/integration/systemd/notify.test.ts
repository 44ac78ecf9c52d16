import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openNotifySocket } from "../../support/notify-socket.ts";

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
