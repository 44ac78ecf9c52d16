import { systemClock } from "../../../core/clock.ts";
import { pause } from "../until.ts";
import type { Fault } from "./fault.ts";

const goneMs = 2000;

/** The broker dies with everything it had kept, and comes back on the same port. */
export const brokerGone: Fault = {
  name: "broker gone",
  endsDaemon: false,
  answersWithinMs: 5000,
  async run(house) {
    await house.broker.kill();
    const movedMs = await house.unlock();
    await pause(goneMs);
    const { waiting } = (await house.health()).mqtt;
    if (waiting === 0) throw new Error("the door believes a dead broker");
    const mendedMs = systemClock.nowMs();
    await house.broker.start();
    await house.untilDelivered();
    const backS = (systemClock.nowMs() - mendedMs) / 1000;
    return {
      mendedMs: systemClock.nowMs(),
      saw: `opened by command in ${movedMs.toFixed(0)} ms without it; ${waiting} events waited and were delivered ${backS.toFixed(1)} s after its return`,
    };
  },
};
