// Photographs to a running daemon: how soon one is known, how long a thousand take, and whether the door answers meanwhile.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { demoCast } from "../../dist/cli/demo/demo-cast.js";
import { startDaemon, withDoorWorld } from "../lib/door.mjs";
import { pause } from "../lib/process.mjs";
import { cacheDirectory } from "../lib/setting.mjs";
import { spread } from "../lib/stats.mjs";
import { budget } from "../lib/table.mjs";

const pictures = 1000;
const people = 100;
const limits = { oneMs: 1000, allSeconds: 180 };
const root = fileURLToPath(new URL("../../", import.meta.url));

export async function enrolment({ runs }) {
  return withDoorWorld(async ({ folder, onEnd }) => {
    const daemon = await startDaemon(folder);
    onEnd(() => daemon.stop());
    const cast = await demoCast(cacheDirectory);
    const portraits = [cast.alice, cast.bob, ...cast.strangers];
    const photos = await Promise.all(portraits.map((actor) => cast.photoOf(actor)));
    const cold = await timeToKnown(daemon, photos[0], "cold");
    const warm = [];
    for (let n = 0; n < Math.min(20, runs); n++) warm.push(await timeToKnown(daemon, photos[0], `warm-${n}`));
    await makeStaff(join(folder, "staff"), photos);
    return report({ cold, warm, ...(await importAll(folder, daemon)) });
  });
}

/** From the request to the answer: from then on the next frame at the door is compared with the new template. */
async function timeToKnown({ control }, photo, id) {
  const photos = [Buffer.from(photo).toString("base64")];
  const startedMs = performance.now();
  const { templates } = await control.request("people/add", { id, name: id, photos });
  const tookMs = performance.now() - startedMs;
  if (templates !== 1) throw new Error(`${id} was not enrolled`);
  await control.request("people/remove", { id });
  return tookMs;
}

/** Ten pictures each: the same few faces, turned, lit and sized a little differently, no two files alike. */
async function makeStaff(folder, photos) {
  for (let n = 0; n < pictures; n++) {
    const person = join(folder, `person ${n % people}`);
    mkdirSync(person, { recursive: true });
    const jpeg = await sharp(photos[n % photos.length])
      .rotate((n % 7) - 3, { background: "#777" })
      .resize({ width: 480 + (n % 13) * 20 })
      .modulate({ brightness: 0.85 + (n % 11) * 0.03 })
      .jpeg({ quality: 80 + (n % 15) })
      .toBuffer();
    writeFileSync(join(person, `${n}.jpg`), jpeg);
  }
}

async function importAll(folder, { control }) {
  const answersMs = [];
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const startedMs = performance.now();
      await control.request("health", {});
      answersMs.push(performance.now() - startedMs);
      await pause(200);
    }
  })();
  const startedMs = performance.now();
  const result = await runImport(folder);
  const seconds = (performance.now() - startedMs) / 1000;
  isDone = true;
  await asking;
  return { seconds, answersMs, result };
}

function runImport(folder) {
  const env = { ...process.env, LINTEL__stateDirectory: `${folder}/state` };
  const args = [`${root}dist/cli/main.js`, "people", "import", `${folder}/staff`, "--json"];
  args.push("--config", `${root}config/demo.yaml`);
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout === "") reject(new Error(`people import: ${error?.message} ${stderr}`));
      else resolve(JSON.parse(stdout));
    });
  });
}

function report({ cold, warm, seconds, answersMs, result }) {
  const known = spread(warm);
  const answers = spread(answersMs);
  const row = (label, { n, min, p50, p95 }, limit) => [
    label,
    String(n),
    `${min.toFixed(0)} ms`,
    `${p50.toFixed(0)} ms`,
    `${p95.toFixed(0)} ms`,
    ...budget(p50, limit, "ms"),
  ];
  return {
    title: "Enrolment",
    text: [
      "`people/add` with one photograph, over the control socket, until the answer: the next frame at the door is compared with the new template. Cold: the process that looks at photographs has to be started first.",
      `\`lintel people import\`: ${result.pictures} files of ${people} folders beside the running daemon (${result.taken} became templates: the files show four faces, so that most are refused as somebody else's after they were measured, which costs the same). Meanwhile the daemon is asked for its health five times a second.`,
    ],
    columns: ["what", "n", "min", "p50", "p95", "budget", ""],
    rows: [
      row("one photograph, cold", spread([cold]), limits.oneMs),
      row("one photograph", known, limits.oneMs),
      [
        `import of ${result.pictures} files`,
        "1",
        "-",
        `${seconds.toFixed(1)} s`,
        "-",
        ...budget(seconds, limits.allSeconds, "s"),
      ],
      row("health, meanwhile", answers),
    ],
  };
}
