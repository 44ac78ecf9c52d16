// What the passive cues cost on a frame, without the anti-spoofing networks and with them, where they are installed.

import { visitFrames } from "../../dist/lab/bench/frames.js";
import { time } from "../../dist/lab/bench/timing.js";
import { defaultVision } from "../../dist/lab/liveness/door-defaults.js";
import { regionOfDetection } from "../../dist/pipeline/landmarks.js";
import { measureEdges } from "../../dist/pipeline/liveness/edges.js";
import { noEvidence, withEdges, withMesh, withQuality } from "../../dist/pipeline/liveness/evidence.js";
import { judgeLiveness } from "../../dist/pipeline/liveness/fuse.js";
import { withNetworkLook } from "../../dist/pipeline/liveness/network.js";
import { assessQuality, doorLimits } from "../../dist/pipeline/quality.js";
import { openConfiguredEngine, openDoorNetworks } from "../../dist/vision/networks.js";
import { cacheDirectory, silentLogger } from "../lib/setting.mjs";
import { budget, ms } from "../lib/table.mjs";

const passiveBudgetMs = 6;
const withNetworksBudgetMs = 16;

export async function liveness({ runs }) {
  const { engine, hasAntiSpoof } = await openConfiguredEngine(defaultVision(cacheDirectory), silentLogger);
  try {
    const networks = await openDoorNetworks(engine, { antiSpoof: hasAntiSpoof });
    const frames = await visitFrames({ cacheDirectory, networks, logger: silentLogger });
    const seen = [];
    for (const frame of frames) {
      const [face] = await networks.detector.detect(frame);
      if (!face) continue;
      const mesh = await networks.landmarks.find(frame, regionOfDetection(face));
      seen.push({
        frame,
        mesh,
        box: face.box,
        atMs: seen.length * 66,
        quality: assessQuality(frame, mesh, doorLimits),
      });
    }
    const rows = [["passive cues", await time(runs, passive(seen)), passiveBudgetMs]];
    const { antiSpoof } = networks;
    if (antiSpoof) {
      rows.push(["passive cues and both networks", await time(runs, passive(seen, antiSpoof)), withNetworksBudgetMs]);
    }
    return {
      title: "Liveness",
      text: [
        "All passive cues on a frame of 640x480 with one face: edges, evidence and judgement, over the frames of a visit again and again, one thread, milliseconds. The budget is for the median. The networks look at some frames only; here at every one.",
        ...(antiSpoof ? [] : ["The anti-spoofing networks are not installed (`lintel models add`), and left out."]),
      ],
      columns: ["what", "n", "min", "p50", "p95", "budget", ""],
      rows: rows.map(([name, { n, min, p50, p95 }, limit]) => [
        ...[name, String(n), ms(min), ms(p50), ms(p95)],
        ...budget(p50, limit, "ms"),
      ]),
    };
  } finally {
    await engine.close();
  }
}

/** One frame of the visit after the other; after the last a new track begins. */
function passive(seen, antiSpoof) {
  let next = 0;
  let evidence = noEvidence;
  return async () => {
    if (next === seen.length) [next, evidence] = [0, noEvidence];
    const { frame, mesh, box, atMs, quality } = seen[next++];
    evidence = withMesh(withQuality(evidence, { ...quality, atMs }), { mesh, atMs, isVerified: true });
    evidence = withEdges(evidence, measureEdges(frame, mesh, atMs));
    if (antiSpoof) evidence = withNetworkLook(evidence, { atMs, look: await antiSpoof.look(frame, box) });
    judgeLiveness(evidence);
  };
}
