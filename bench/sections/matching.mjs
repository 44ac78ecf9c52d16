// One probe against ten thousand templates.
import { seededRandom } from "../../dist/core/random.js";
import { TemplateMatrix } from "../../dist/pipeline/matching/matrix.js";
import { versionOf } from "../lib/machine.mjs";
import { openPeer, peersMissing } from "../lib/peer.mjs";
import { inTurn, median, ratio, spread } from "../lib/stats.mjs";
import { budget, ms, times } from "../lib/table.mjs";

const count = 10_000;
/** Searches in each turn; their median counts, so that a turn that was interrupted does not. */
const repeats = 5;

export async function matching({ runs }) {
  const peer = peersMissing() ? undefined : await openPeer();
  try {
    const rows = [];
    for (const dimension of [128, 1024])
      rows.push(...(await rowsFor(dimension, { peer, rounds: Math.max(runs, 100) })));
    return {
      title: `One face against ${count.toLocaleString("en-GB")} templates`,
      text: [
        "Ours: `TemplateMatrix.top2`, the nearest two different people, exact. Peer: `match.find` of @vladmandic/human " +
          `${versionOf("@vladmandic/human")}, the nearest one. Naive: one loop over a flat Float32Array, the nearest one.`,
        "Our templates have 128 numbers, the peer's users have 1024; each is measured at both lengths, like with like. The vectors are random, which is a hard case for ours: with nobody near, hardly a row can be left early. Turns alternate, the median of five searches counts for each; ratios are medians over the turns, at the same length. `alone`: before the peer's process holds its gallery and works in between, which slows everybody on two shared cores.",
        ...(peer ? [] : [peersMissing()]),
      ],
      columns: ["who", "numbers each", "n", "min ms", "p50 ms", "p95 ms", "times ours", "budget", ""],
      rows,
    };
  } finally {
    peer?.close();
  }
}

async function rowsFor(dimension, { peer, rounds }) {
  const random = seededRandom(1);
  const vector = () => Float32Array.from({ length: dimension }, () => (random() - 0.5) * 0.2);
  const vectors = Array.from({ length: count }, vector);
  const probes = Array.from({ length: 20 }, vector);
  const matrix = new TemplateMatrix(dimension);
  const flat = new Float32Array(count * dimension);
  vectors.forEach((each, n) => {
    matrix.add({ personId: `p${Math.floor(n / 3)}`, templateId: n, vector: each });
    flat.set(each, n * dimension);
  });
  let n = 0;
  const five = () => Array.from({ length: repeats }, () => probes[n++ % probes.length]);
  const alone = Array.from({ length: rounds + 10 }, () => medianMs(five(), (probe) => matrix.top2(probe))).slice(10);
  if (peer) await peer.ask("fillGallery", { name: `n${dimension}`, vectors });
  const works = {
    ours: () => medianMs(five(), (probe) => matrix.top2(probe)),
    naive: () => medianMs(five(), (probe) => nearest(flat, probe)),
    ...(peer ? { peer: () => peer.ask("runFind", { name: `n${dimension}`, probes: five() }) } : {}),
  };
  requireAgreement(matrix, flat, probes);
  const found = await inTurn(works, { rounds: dimension > 500 ? Math.min(rounds, 40) : rounds, warmUps: 10 });
  const names = { alone: "ours, alone", ours: "ours, in turn", naive: "naive loop", peer: "@vladmandic/human" };
  return Object.entries({ alone, ...found }).map(([name, values]) => {
    const { n, min, p50, p95 } = spread(values);
    const promised = name === "alone" && dimension === 128 ? 1 : undefined;
    const against = name === "ours" ? "1" : name === "alone" ? "-" : times(ratio(values, found.ours));
    return [
      names[name],
      String(dimension),
      String(n),
      ms(min),
      ms(p50),
      ms(p95),
      against,
      ...budget(p50, promised, "ms"),
    ];
  });
}

function medianMs(probes, search) {
  return median(
    probes.map((probe) => {
      const start = performance.now();
      search(probe);
      return performance.now() - start;
    }),
  );
}

function nearest(flat, probe) {
  let [best, row] = [Number.POSITIVE_INFINITY, -1];
  for (let start = 0, n = 0; start < flat.length; start += probe.length, n++) {
    let sum = 0;
    for (let i = 0; i < probe.length; i++) {
      const difference = flat[start + i] - probe[i];
      sum += difference * difference;
    }
    if (sum < best) [best, row] = [sum, n];
  }
  return row;
}

/** A matcher that is fast and wrong is no figure. */
function requireAgreement(matrix, flat, probes) {
  for (const probe of probes) {
    if (matrix.top2(probe).first.templateId !== nearest(flat, probe)) throw new Error("the matchers disagree");
  }
}
