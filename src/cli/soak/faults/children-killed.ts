import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../core/clock.ts";
import { errorText } from "../../../core/errors.ts";
import { roles } from "../../../simulation/roles.ts";
import { demoPictures } from "../../demo/demo-pictures.ts";
import type { SoakHouse } from "../house.ts";
import type { ChildKind } from "../service.ts";
import { until } from "../until.ts";
import type { Fault } from "./fault.ts";
import { limitMemory } from "./memory-limit.ts";
import { untilReplaced } from "./replaced.ts";

/** SIGKILL of each child, in the middle of what it does. */

/** The figure to reach, on a machine that has nothing else to do; two slow cores get as much again. */
const visionBoundMs = 4000;
const pressedMs = 2500;

export const visionKilled: Fault = {
  name: "vision killed",
  endsDaemon: false,
  answersWithinMs: visionBoundMs,
  async run(house) {
    const { pid, killedMs } = kill(house, "vision");
    await untilReplaced(house, pid);
    const backMs = systemClock.nowMs() - killedMs;
    return { mendedMs: killedMs, saw: `sees again ${(backMs / 1000).toFixed(2)} s after the kill` };
  },
};

/** While the strike is open: it closes at once and stays so. */
export const guardKilled: Fault = {
  name: "guard killed",
  endsDaemon: false,
  answersWithinMs: 4000,
  async run(house) {
    const before = (await house.edges()).length;
    const unlocking = house.unlock(3);
    unlocking.catch(() => {});
    await until("the strike opens", () => house.edges(), { fits: (edges) => edges.length > before, withinMs: 3000 });
    const { killedMs } = kill(house, "guard");
    const edges = await until("the strike closes", () => house.edges(), {
      fits: (found) => found.length > before + 1,
      withinMs: 3000,
    });
    await unlocking;
    const closedMs = (edges[before + 1]?.atMs ?? Number.NaN) - killedMs;
    if (!(closedMs < 500)) throw new Error(`the strike closed ${closedMs.toFixed(0)} ms after its guard was gone`);
    await house.untilHealthy(10_000, ({ lock }) => lock === "locked");
    return { mendedMs: killedMs, saw: `the strike closed ${closedMs.toFixed(0)} ms after the kill` };
  },
};

/** While it looks at a picture: that request fails, the next one is answered. */
export const photosKilled: Fault = {
  name: "photos killed",
  endsDaemon: false,
  answersWithinMs: 5000,
  async run(house) {
    const photo = await house.photoOf(roles.enrolled);
    const verify = () => house.ask("people/verify", { id: "enrolled", photo });
    const first = verify().then(
      () => "was answered",
      (error: unknown) => `failed (${errorText(error)})`,
    );
    await until("photographs are looked at", () => house.service.child("photos"), {
      fits: (pid) => pid !== undefined,
      withinMs: 5000,
    });
    const { killedMs } = kill(house, "photos");
    const outcome = await first;
    await until("the next one is answered", verify, { fits: () => true, withinMs: 15_000 });
    return { mendedMs: killedMs, saw: `the request in hand ${outcome}; the next one was answered` };
  },
};

/** While it paints: the picture is finished all the same. */
export const artKilled: Fault = {
  name: "art killed",
  endsDaemon: false,
  answersWithinMs: 3000,
  async run(house) {
    const { pictures } = (await house.health()).art;
    await house.ask("art/render", { ...demoPictures, atOnce: true, settings: { size: 128, steps: 40, seed: 7 } });
    await house.untilHealthy(20_000, ({ art }) => (art.painting?.step ?? 0) >= 3);
    const { killedMs } = kill(house, "art");
    const { art } = await house.untilHealthy(40_000, (health) => health.art.pictures > pictures);
    return {
      mendedMs: systemClock.nowMs(),
      saw: `the picture was finished ${((systemClock.nowMs() - killedMs) / 1000).toFixed(1)} s after the kill (${art.pictures} so far)`,
    };
  },
};

/** Vision gets next to no more memory: whether it ends or not, the door is there. */
export const memoryPressure: Fault = {
  name: "memory pressure",
  endsDaemon: false,
  answersWithinMs: visionBoundMs + 2000,
  async run(house) {
    const pid = house.service.child("vision");
    if (pid === undefined) throw new Error("no vision runs");
    const limit = limitMemory(pid);
    // Somebody at the door makes it work, and work needs memory.
    house.world.command({ type: "enter", id: "pressed", actor: roles.strangers[0] });
    await delay(pressedMs);
    const movedMs = await house.unlock();
    const hasEnded = house.service.child("vision") !== pid;
    if (!hasEnded) process.kill(pid, "SIGKILL");
    const mendedMs = systemClock.nowMs();
    await house.settle();
    await untilReplaced(house, pid);
    limit.remove();
    return {
      mendedMs,
      saw: `vision was held to what it had by ${limit.how} and ${hasEnded ? "did not survive it" : "lived with it (then it was killed)"}; opened by command in ${movedMs.toFixed(0)} ms`,
    };
  },
};

// --- internal ---

function kill(house: SoakHouse, kind: ChildKind): { pid: number; killedMs: number } {
  const pid = house.service.child(kind);
  if (pid === undefined) throw new Error(`no ${kind} runs`);
  const killedMs = systemClock.nowMs();
  process.kill(pid, "SIGKILL");
  return { pid, killedMs };
}
