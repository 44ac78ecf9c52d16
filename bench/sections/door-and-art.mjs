// The door while a picture is being painted, beside the same door without: from a frame's capture to its sighting.
import { demoCast } from "../../dist/cli/demo/demo-cast.js";
import { demoPictures, hangDemoPictures } from "../../dist/cli/demo/demo-pictures.js";
import { answered, startDaemon, withDoorWorld } from "../lib/door.mjs";
import { pause } from "../lib/process.mjs";
import { cacheDirectory } from "../lib/setting.mjs";
import { ratio, spread } from "../lib/stats.mjs";
import { budget, ms } from "../lib/table.mjs";

const title = "The door while art is queued";
const limit = 1.1;
/** Vision reports the median of its last hundred frames: at fifteen a second all of them are of the visit then. */
const visitMs = 8000;

export async function doorAndArt({ runs }) {
  const rounds = Math.max(5, Math.round(runs / 10));
  return withDoorWorld(async ({ folder, world }) => {
    await pause(3000);
    const place = { folder, world, pictures: await hangDemoPictures(folder), cast: await demoCast(cacheDirectory) };
    const found = { idle: [], art: [], held: [] };
    for (let round = 0; round < rounds; round++) {
      // A B, B A, A B …: what only grows or only falls meanwhile meets both alike.
      for (const isPainting of round % 2 === 0 ? [false, true] : [true, false]) {
        const { p50, isHeld } = await visit(place, isPainting);
        found[isPainting ? "art" : "idle"].push(p50);
        if (isPainting) found.held.push(isHeld);
      }
    }
    return report(found);
  });
}

/** A stranger stands before a door; with art, a long painting has been under way since before. */
async function visit({ folder, world, pictures, cast }, isPainting) {
  const daemon = await startDaemon(folder, { state: `state-${isPainting ? "art" : "idle"}`, env: pictures });
  const health = () => daemon.control.request("health", {});
  try {
    if (isPainting) {
      const { content, style } = demoPictures;
      const settings = { size: 640, steps: 20_000, seed: 1 };
      await daemon.control.request("art/render", { content, style, atOnce: true, settings });
      await answered(async () => ((await health()).art.painting?.step > 2 ? true : null), 60_000);
    }
    world.send({ type: "enter", id: "visitor", actor: cast.strangers[0] });
    await pause(visitMs);
    const { vision, art } = await health();
    return { p50: vision.latencyMs.p50, isHeld: art.painting?.isHeld ?? false };
  } finally {
    world.send({ type: "clear" });
    await daemon.stop();
  }
}

function report({ idle, art, held }) {
  const row = (what, values) => {
    const { n, min, p50, p95 } = spread(values);
    return [what, String(n), ms(min), ms(p50), ms(p95), "-", ""];
  };
  const above = ratio(art, idle);
  return {
    title,
    text: [
      `\`lintel run\` on the simulated camera; each visit is a stranger who stands before the door for ${visitMs / 1000} s, once with nothing to paint and once with a painting (640 pixels, two threads, at once) that was under way before, in turn (A B, B A), each in a daemon of its own. Milliseconds from a frame's capture to its sighting: of each visit the median of its last hundred frames. The painting stood still in ${held.filter(Boolean).length} of ${held.length} visits, as it must. Ratio: median of the rounds.`,
    ],
    columns: ["what", "n", "min", "p50", "p95", "budget", ""],
    rows: [
      row("idle", idle),
      row("a painting under way", art),
      ["ratio", String(art.length), "-", above.toFixed(2), "-", ...budget(Number(above.toFixed(2)), limit, "x")],
    ],
  };
}
