import { LintelError } from "../../core/errors.ts";
import { systemTimers } from "../../core/timers.ts";
import { type GpioConfig, openGpio } from "../gpio/table.ts";

/**
 * Drives the door safe and lets go: takes the lines (which makes every output inactive), reads the strike back, gives
 * the lines back. Rejects with `LINTEL_E_GPIO` when the chip is absent, somebody owns the lines (a guard that is alive
 * locks by itself), or the strike reads open all the same.
 */
export async function driveSafe(config: GpioConfig): Promise<void> {
  const lines = await openGpio(
    { ...config, inputs: {} },
    { onEdge: () => {}, onLost: () => {} },
    { timers: systemTimers },
  );
  try {
    await lines.setOutput("strike", false);
    if (!(await lines.readOutput("strike"))) return;
    throw new LintelError("LINTEL_E_GPIO", "the strike reads open after it was locked", {
      hint: "the relay may be welded or the polarity (activeLow) wrong; secure the door by hand",
    });
  } finally {
    await lines.close();
  }
}
