// From the frame that completes the evidence to the relay, in walk-ups through the whole built programme.
import { demoCast } from "../../dist/cli/demo/demo-cast.js";
import { systemClock } from "../../dist/core/clock.js";
import { observeChip } from "../../dist/hal/gpio/simulated-observer.js";
import { enrolAlice, startDaemon, withDoorWorld } from "../lib/door.mjs";
import { pause } from "../lib/process.mjs";
import { cacheDirectory } from "../lib/setting.mjs";
import { spread } from "../lib/stats.mjs";
import { budget } from "../lib/table.mjs";

const visits = 5;
/** As config/demo.yaml says. */
const strikeLine = 0;
/** Whoever was let in is not let in again before this is over. */
const restMs = 13_000;
const limitMs = 300;

export async function walkUp() {
  return withDoorWorld(async ({ folder, onEnd, world }) => {
    const daemon = await startDaemon(folder);
    onEnd(() => daemon.stop());
    const observer = await observeChip(`${folder}/gpio.sock`);
    onEnd(() => observer.close());
    const cast = await demoCast(cacheDirectory);
    const looking = new AbortController();
    onEnd(() => looking.abort());
    await enrolAlice({ daemon, world, cast }, looking.signal);
    const found = [];
    for (let n = 0; n < visits; n++) found.push(await visit({ world, daemon, observer, actor: cast.alice }));
    return report(found);
  });
}

/** Somebody walks up, turns when asked and is let in; then leaves, and the door rests until it may open for them again. */
async function visit({ world, daemon, observer, actor }) {
  const enteredMs = systemClock.nowMs();
  world.send({ type: "enter", id: "visitor", actor });
  const strike = await observer.waitFor(
    ({ line, isActive, atMs }) => line === strikeLine && isActive && atMs > enteredMs,
    40_000,
  );
  const wallOfStrikeMs = Date.now() - (systemClock.nowMs() - strike.atMs);
  await pause(500);
  const granted = (await allEvents(daemon.control)).findLast(({ type }) => type === "granted");
  world.send({ type: "clear" });
  await pause(restMs);
  return {
    decided: granted.completingFrameMs,
    relay: granted.completingFrameMs + wallOfStrikeMs - Date.parse(granted.time),
    whole: strike.atMs - enteredMs,
  };
}

async function allEvents(control) {
  const all = [];
  for (let from = 0; from !== null; ) {
    const { events, next } = await control.request("events/replay", { from });
    all.push(...events);
    from = next;
  }
  return all;
}

function report(found) {
  const row = (label, name, limit) => {
    const { n, min, p50, p95 } = spread(found.map((each) => each[name]));
    return [label, String(n), ...[min, p50, p95].map((value) => `${value.toFixed(0)} ms`), ...budget(p95, limit, "ms")];
  };
  return {
    title: "From the last frame to the relay",
    text: [
      "The built daemon, spawned, on the simulated camera and chip: somebody who is enrolled walks up, turns the head when asked and is let in, again and again. The clock starts when the camera takes the frame that completes the evidence and stops at the edge on the relay's line. The budget is for the last column (with so few visits the longest).",
    ],
    columns: ["what", "n", "min", "p50", "p95", "budget", ""],
    rows: [
      row("frame to command", "decided"),
      row("frame to relay", "relay", limitMs),
      row("entering the scene to the relay, most of it walking", "whole"),
    ],
  };
}
