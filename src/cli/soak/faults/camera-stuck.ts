import { systemClock } from "../../../core/clock.ts";
import type { Fault } from "./fault.ts";

/** The camera keeps its connection and sends nothing any more. */
export const cameraStuck: Fault = {
  name: "camera stuck",
  endsDaemon: false,
  answersWithinMs: 10_000,
  async run(house) {
    const stuckMs = systemClock.nowMs();
    house.world.command({ type: "freeze" });
    await house.untilHealthy(10_000, ({ ok, vision }) => !ok && vision.camera !== "ok");
    const noticedS = (systemClock.nowMs() - stuckMs) / 1000;
    const movedMs = await house.unlock();
    const mendedMs = systemClock.nowMs();
    house.world.command({ type: "replug" });
    await house.untilHealthy(10_000);
    return {
      mendedMs,
      saw: `noticed after ${noticedS.toFixed(1)} s; opened by command in ${movedMs.toFixed(0)} ms meanwhile`,
    };
  },
};
