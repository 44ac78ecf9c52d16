import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { onoffGpioConfig, openOnoffGpio } from "../../src/hal/gpio/onoff.ts";
import { driveSafe } from "../../src/hal/relay-guard/lock-once.ts";
import { describeGpioDriver } from "../support/gpio-contract.ts";
import { drive, isBoard, levelOf, slowMs, unexportLines } from "./chip.ts";

/** Its native part is compiled only where the driver is chosen; without it there is nothing to test. */
const isCompiled = await import("onoff").then(
  ({ Gpio }) => Gpio.accessible,
  () => false,
);
const doorOf = (activeLow = false) =>
  onoffGpioConfig.parse({
    driver: "onoff",
    chip: "door-sim",
    outputs: { strike: { line: 0, activeLow }, alarm: { line: 3 } },
    inputs: { contact: { line: 1, activeLow } },
  });

describe.skipIf(!isBoard || !isCompiled)("on the emulated board, through /sys (needs the compiled epoll)", () => {
  afterAll(unexportLines);

  describeGpioDriver(
    "onoff, on a real kernel",
    async () => {
      drive(1, 0);
      return {
        open: (events, { activeLow }) => openOnoffGpio(doorOf(activeLow), events),
        strikeLevel: async () => levelOf(0),
        driveContact: async (level) => drive(1, level),
        stop: async () => {},
      };
    },
    { isExclusive: false },
  );

  it("leaves the relay as it was when its owner is killed, and lintel lock drives it safe", async () => {
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
    guard.kill("SIGKILL");
    await once(guard, "exit");
    expect(levelOf(0)).toBe(1);
    await driveSafe(doorOf());
    expect(levelOf(0)).toBe(0);
  });
});
