// The stages of our own pipeline, as `lintel bench` measures them, with what was promised for each.
import { bench } from "../../dist/lab/bench/bench.js";
import { cacheDirectory, openOurEngine, silentLogger } from "../lib/setting.mjs";
import { budget, ms } from "../lib/table.mjs";

const budgets = { liveness: 6, frame: 18, decision: 40, decided: 8 };
const meanings = {
  detect: "detector with its resampling",
  landmarks: "face mesh with its resampling",
  embed: "aligned chip and embedder",
  liveness: "all passive cues: edges in the frame, then the evidence of a track",
  frame: "fast path: pixels to embedding, each network once",
  "large-frame": "the same on a frame of 1280x720",
  decision: "decision frame: landmarks twice, mirrored chip, cure for large faces",
  watched: "vision's work on a frame of a track that is judged",
  decided: "vision's work on a frame of a decided track",
  empty: "vision's work on a frame of an empty scene",
};

export async function stages({ runs }) {
  const engine = await openOurEngine();
  try {
    const report = await bench({ engine, cacheDirectory, runs, logger: silentLogger, onStage: () => {} });
    const rows = Object.entries(report.stages).map(([name, timing]) => [
      name,
      meanings[name] ?? "",
      String(timing.n),
      ms(timing.min),
      ms(timing.p50),
      ms(timing.p95),
      ms(timing.p99),
      (1000 / timing.p50).toFixed(0),
      ...budget(timing.p50, budgets[name] ?? limitsOf(report.stages)[name], "ms"),
    ]);
    return {
      title: "Stages of the pipeline",
      text: [
        "One frame with one face, of 640x480 where nothing else is said, one inference thread, milliseconds. The budget is for the median (p50); `a second` is how many of it one thread does at that rate. A frame of 1280x720 may take a fifth longer than one of 640x480.",
        "`watched`, `decided` and `empty` run the real watcher over two seconds of rendered frames, again and again.",
      ],
      columns: ["stage", "what it is", "n", "min", "p50", "p95", "p99", "a second", "budget", ""],
      rows,
    };
  } finally {
    await engine.close();
  }
}

const limitsOf = ({ frame }) => ({ "large-frame": Math.round(frame.p50 * 12) / 10 });
