import { describe, expect, it } from "vitest";
import { debounceTimes, gpioConfig, mayKeepLevel, wiredInputs, wiredSignals } from "../../../../src/hal/gpio/table.ts";

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

  it("debounces each input for 50 ms unless it is told otherwise", () => {
    const config = gpioConfig.parse({ ...base, inputs: { tamper: { line: 3, debounceMs: 0 }, contact: { line: 1 } } });
    expect([...debounceTimes(config)]).toEqual([
      ["contact", 50],
      ["tamper", 0],
    ]);
  });

  it("names the wired lights and sounders, and never the strike among them", () => {
    const outputs = { strike: { line: 0 }, buzzer: { line: 7 }, alarm: { line: 4 } };
    expect(wiredSignals(gpioConfig.parse({ ...base, outputs }))).toEqual(["alarm", "buzzer"]);
    expect(wiredSignals(gpioConfig.parse(base))).toEqual([]);
  });

  it("takes lines of the character device by name or offset, and inputs with a bias", () => {
    const config = gpioConfig.parse({
      driver: "cdev",
      outputs: { strike: { line: "GPIO17", activeLow: true }, alarm: { line: 4 } },
      inputs: { contact: { line: "GPIO27", bias: "pull-up" } },
    });
    expect(wiredInputs(config)).toEqual(["contact"]);
    expect(config.inputs.contact).toEqual({ line: "GPIO27", bias: "pull-up", activeLow: false, debounceMs: 50 });
  });

  it.each([
    { driver: "cdev", expected: true },
    { driver: "onoff", expected: true },
    { driver: "simulated", expected: false },
  ])("$driver: whether a dead owner's relay must be driven safe is $expected", ({ driver, expected }) => {
    const own = driver === "simulated" ? { socketPath: "/run/chip.sock" } : { chip: "soc" };
    expect(mayKeepLevel(gpioConfig.parse({ driver, ...own, outputs: { strike: { line: 0 } } }))).toBe(expected);
  });

  const wrong: [name: string, config: unknown][] = [
    ["a bias of an output", { driver: "cdev", outputs: { strike: { line: 0, bias: "pull-up" } } }],
    ["a line without a name", { driver: "cdev", outputs: { strike: { line: "" } } }],
    ["an unknown driver", { ...base, driver: "magic" }],
    ["no strike", { ...base, outputs: {} }],
    ["a key that nobody knows", { ...base, colour: "red" }],
    ["an output that nobody knows", { ...base, outputs: { strike: { line: 0 }, heater: { line: 1 } } }],
    ["a negative line", { ...base, outputs: { strike: { line: -1 } } }],
    ["half a line", { ...base, outputs: { strike: { line: 0.5 } } }],
    ["a debounce time in which an input could be lost", { ...base, inputs: { contact: { line: 1, debounceMs: 201 } } }],
    ["a debounce time below nothing", { ...base, inputs: { contact: { line: 1, debounceMs: -1 } } }],
    ["a debounce time of an output", { ...base, outputs: { strike: { line: 0, debounceMs: 50 } } }],
    ["a polarity in words", { ...base, outputs: { strike: { line: 0, activeLow: "yes" } } }],
    ["a socket path longer than a socket address holds", { ...base, socketPath: `/${"x".repeat(120)}` }],
  ];
  it.each(wrong)("is refused with %s", (_name, config) => {
    expect(gpioConfig.safeParse(config).success).toBe(false);
  });
});
