import { describe, expect, it } from "vitest";
import { LintelError } from "../../../../src/core/errors.ts";
import { kernelProblem } from "../../../../src/hal/gpio/kernel-problem.ts";
import { SystemCallError } from "../../../../src/hal/linux.ts";

describe("a refusal of the kernel", () => {
  it.each([
    [16, "EBUSY", "owned by somebody else", "gpioinfo"],
    [13, "EACCES", "may not be opened by this user", "group gpio"],
    [1, "EPERM", "may not be opened by this service", "DeviceAllow=char-gpiochip"],
    [19, "ENODEV", "is gone", "dmesg"],
    [6, "ENXIO", "no interrupt", "interrupt"],
    [22, "EINVAL", "refused by the kernel", "bias"],
    [25, "ENOTTY", "version 2", "onoff"],
  ])("%i (%s) says what it means and what to do", (number, code, says, hint) => {
    for (const cause of [new SystemCallError("ioctl", number), Object.assign(new Error("x"), { code })]) {
      const error = kernelProblem("line strike", cause);
      expect(error).toMatchObject({ code: "LINTEL_E_GPIO", hint: expect.stringContaining(hint), cause });
      expect(error.message).toMatch(/^line strike /);
      expect(error.message).toContain(says);
    }
  });

  it("that nobody foresaw is passed on in its own words", () => {
    expect(kernelProblem("line strike", new SystemCallError("ioctl", 5)).message).toBe("line strike: ioctl: errno 5");
  });

  it("that was explained already is left as it is", () => {
    const known = new LintelError("LINTEL_E_GPIO", "the lines are closed");
    expect(kernelProblem("line strike", known)).toBe(known);
  });
});
