import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { LineEdge } from "../../src/hal/api.ts";
import { cdevGpioConfig, openCdevGpio } from "../../src/hal/gpio/cdev.ts";
import { driveSafe } from "../../src/hal/relay-guard/lock-once.ts";
import { describeGpioDriver } from "../support/gpio-contract.ts";
import { chipFolder, drive, isBoard, levelOf, nobody, slowMs } from "./chip.ts";

const doorOf = (debounceMs = 0, activeLow = false) =>
  cdevGpioConfig.parse({
    driver: "cdev",
    chip: "door-sim",
    outputs: { strike: { line: "relay", activeLow }, alarm: { line: "siren" } },
    inputs: { contact: { line: "contact", activeLow, debounceMs } },
  });

describe.skipIf(!isBoard)("on the emulated board (scripts/hardware/board.sh)", () => {
  describeGpioDriver("cdev, on a real kernel", async () => {
    drive(1, 0);
    return {
      open: (events, { activeLow }) => openCdevGpio(doorOf(0, activeLow), events),
      strikeLevel: async () => levelOf(0),
      driveContact: async (level) => drive(1, level),
      stop: async () => {},
    };
  });

  describe("the kernel", () => {
    it("takes the bounce of a contact out: seven quick edges are one", async () => {
      drive(1, 0);
      const edges: LineEdge[] = [];
      const lines = await openCdevGpio(doorOf(200), { ...nobody, onEdge: (edge) => edges.push(edge) });
      for (let index = 0; index < 7; index++) {
        drive(1, index % 2 === 0 ? 1 : 0);
        await delay(5);
      }
      await expect.poll(() => edges, { timeout: 10_000 }).toHaveLength(1);
      expect(edges).toMatchObject([{ line: "contact", isActive: true }]);
      await lines.close();
    });

    it("keeps edges that come while this process stands still, with the times at which they came", async () => {
      drive(1, 0);
      const edges: LineEdge[] = [];
      const lines = await openCdevGpio(doorOf(), { ...nobody, onEdge: (edge) => edges.push(edge) });
      const script = `i=0; while [ $i -lt 11 ]; do [ $((i % 2)) = 0 ] && p=pull-up || p=pull-down; echo $p > ${chipFolder()}/sim_gpio1/pull; sleep 0.1; i=$((i + 1)); done`;
      const finger = spawn("/bin/sh", ["-c", script]);
      const done = once(finger, "exit");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
      await done;
      await expect.poll(() => edges.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(11);
      const times = edges.slice(0, 11).map(({ atMs }) => atMs);
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
      await lines.close();
    });

    it("gives the line back when its owner is killed, and lintel lock can take it and drives it safe", async () => {
      const guard = spawn(
        process.execPath,
        [fileURLToPath(new URL("../../dist/hal/relay-guard/main.js", import.meta.url))],
        { stdio: ["pipe", "pipe", "inherit"] },
      );
      let said = "";
      guard.stdout.on("data", (chunk) => {
        said += chunk;
      });
      guard.stdin.write(`${JSON.stringify({ gpio: doorOf() })}\n`);
      await expect.poll(() => said, { timeout: slowMs }).toContain('"cause":"start"');
      const untilMs = Number(process.hrtime.bigint()) / 1e6 + 9000;
      guard.stdin.write(`${JSON.stringify({ type: "lease", id: "a", untilMs })}\n`);
      await expect.poll(() => levelOf(0), { timeout: 10_000 }).toBe(1);
      await expect(driveSafe(doorOf())).rejects.toThrow("owned by somebody else");
      guard.kill("SIGKILL");
      await once(guard, "exit");
      await driveSafe(doorOf());
      expect(levelOf(0)).toBe(0);
    });
  });
});
