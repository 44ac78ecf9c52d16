import { describe, expect, it } from "vitest";
import { gpioConfig, wiredInputs } from "../../../../src/hal/gpio/table.ts";

const base = { driver: "simulated", socketPath: "/run/chip.sock", outputs: { strike: { line: 0 } } };

describe("the configuration of the lines", () => {
  it("needs no more than a strike", () => {
    const config = gpioConfig.parse(base);
    expect(config.outputs.strike).toEqual({ line: 0, activeLow: false });
    expect(wiredInputs(config)).toEqual([]);
  });

  it("names the wired inputs in a fixed order", () => {
    const config = gpioConfig.parse({
      ...base,
      inputs: { tamper: { line: 3 }, contact: { line: 1, activeLow: true } },
    });
    expect(wiredInputs(config)).toEqual(["contact", "tamper"]);
  });

  const wrong: [name: string, config: unknown][] = [
    ["an unknown driver", { ...base, driver: "magic" }],
    ["no strike", { ...base, outputs: {} }],
    ["a key that nobody knows", { ...base, colour: "red" }],
    ["an output that nobody knows", { ...base, outputs: { strike: { line: 0 }, heater: { line: 1 } } }],
    ["a negative line", { ...base, outputs: { strike: { line: -1 } } }],
    ["half a line", { ...base, outputs: { strike: { line: 0.5 } } }],
    ["a polarity in words", { ...base, outputs: { strike: { line: 0, activeLow: "yes" } } }],
    ["a socket path longer than a socket address holds", { ...base, socketPath: `/${"x".repeat(120)}` }],
  ];
  it.each(wrong)("is refused with %s", (_name, config) => {
    expect(gpioConfig.safeParse(config).success).toBe(false);
  });
});
