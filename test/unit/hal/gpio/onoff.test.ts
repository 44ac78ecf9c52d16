import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBase, onoffGpioConfig } from "../../../../src/hal/gpio/onoff.ts";

describe("the number of the first line of a chip", () => {
  let folder: string;
  const addChip = (base: number, label: string) => {
    mkdirSync(join(folder, `gpiochip${base}`));
    writeFileSync(join(folder, `gpiochip${base}`, "label"), `${label}\n`);
    writeFileSync(join(folder, `gpiochip${base}`, "base"), `${base}\n`);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lintel-class-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is found by the label, wherever this kernel begins to count", () => {
    addChip(1016, "door-sim");
    addChip(512, "soc");
    expect([findBase(folder, "door-sim"), findBase(folder, "soc")]).toEqual([1016, 512]);
  });

  it("is refused for a label that nobody or more than one has, with those that are there", () => {
    addChip(512, "twin");
    addChip(600, "twin");
    expect(() => findBase(folder, "soc")).toThrow("no GPIO chip is called soc");
    expect(() => findBase(folder, "twin")).toThrow("more than one GPIO chip is called twin");
  });

  it("is refused on a kernel without GPIO in /sys, which has the character device", () => {
    expect(() => findBase(join(folder, "absent"), "soc")).toThrow(
      expect.objectContaining({ code: "LINTEL_E_GPIO", hint: expect.stringContaining("driver cdev") }),
    );
  });

  it("cannot be left out: offsets without a chip mean nothing", () => {
    const outputs = { strike: { line: 0 } };
    expect(onoffGpioConfig.safeParse({ driver: "onoff", outputs }).success).toBe(false);
    expect(onoffGpioConfig.safeParse({ driver: "onoff", chip: "soc", outputs }).success).toBe(true);
  });
});
