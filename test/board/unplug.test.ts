import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cdevGpioConfig, openCdevGpio } from "../../src/hal/gpio/cdev.ts";
import { chipConfig, isBoard, nobody } from "./chip.ts";

describe.skipIf(!isBoard)("on the emulated board, a chip", () => {
  it("that is unplugged is said to be gone", async () => {
    const door = cdevGpioConfig.parse({
      ...{ driver: "cdev", chip: "door-sim", outputs: { strike: { line: "relay" } } },
      // A door without inputs hears of it when it next asks for its relay.
      inputs: { contact: { line: "contact" } },
    });
    const lost: string[] = [];
    const lines = await openCdevGpio(door, { ...nobody, onLost: (reason) => lost.push(reason) });
    writeFileSync(`${chipConfig}/live`, "0");
    await expect.poll(() => lost, { timeout: 10_000 }).toHaveLength(1);
    await expect(lines.readOutput("strike")).rejects.toMatchObject({ code: "LINTEL_E_GPIO" });
    writeFileSync(`${chipConfig}/live`, "1");
  });
});
