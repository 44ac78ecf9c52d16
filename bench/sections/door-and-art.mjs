// The door while a picture is being painted, beside the same door without: from a frame's capture to its sighting.
import { fileURLToPath } from "node:url";
import { connectControl } from "../../dist/cli/control-client.js";
import { demoCast } from "../../dist/cli/demo/demo-cast.js";
import { demoPictures, hangDemoPictures } from "../../dist/cli/demo/demo-pictures.js";
import { pause, start, withFolder } from "../lib/process.mjs";
import { cacheDirectory } from "../lib/setting.mjs";
import { ratio, spread } from "../lib/stats.mjs";
import { budget, ms } from "../lib/table.mjs";

const title = "The door while art is queued";
const limit = 1.1;
/** Vision reports the median of its last hundred frames: at fifteen a second all of them are of the visit then. */
const visitMs = 8000;
const configFile = fileURLToPath(new URL("../../config/demo.yaml", import.meta.url));

export async function doorAndArt({ runs }) {
  const rounds = Math.max(5, Math.round(runs / 10));
  return withFolder(async (folder, onEnd) => {
    const world = start("simulation/world-main.js", {
      config: { socketPath: `${folder}/camera.sock`, cacheDirectory },
    });
    onEnd(() => world.stop());
    const chip = start("simulation/gpio-chip-main.js", { config: { socketPath: `${folder}/gpio.sock` } });
    onEnd(() => chip.stop());
    await world.messages.until((message) => message.type === "ready");
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
  const stateDirectory = `${folder}/state-${isPainting ? "art" : "idle"}`;
  const daemon = start("cli/main.js", {
    args: ["run", "--config", configFile, "--end-with-input"],
    env: {
      LINTEL__stateDirectory: stateDirectory,
      LINTEL__models__cacheDirectory: cacheDirectory,
      LINTEL__camera__socket: `${folder}/camera.sock`,
      LINTEL__gpio__socketPath: `${folder}/gpio.sock`,
      LINTEL__lobby__port: "0",
      LINTEL__mqtt__port: "0",
      ...pictures,
    },
  });
  const control = await until(() => connectControl(stateDirectory));
  const health = () => control.request("health", {});
  try {
    await until(async () => ((await health()).ok ? true : null));
    if (isPainting) {
      const { content, style } = demoPictures;
      const settings = { size: 640, steps: 20_000, seed: 1 };
      await control.request("art/render", { content, style, atOnce: true, settings });
      await until(async () => ((await health()).art.painting?.step > 2 ? true : null));
    }
    world.send({ type: "enter", id: "visitor", actor: cast.strangers[0] });
    await pause(visitMs);
    const { vision, art } = await health();
    return { p50: vision.latencyMs.p50, isHeld: art.painting?.isHeld ?? false };
  } finally {
    world.send({ type: "clear" });
    control.close();
    await daemon.stop();
  }
}

async function until(attempt) {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const answer = await attempt().catch(() => null);
    if (answer !== null) return answer;
    if (performance.now() > endMs) throw new Error("the daemon did not get there");
    await pause(100);
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
