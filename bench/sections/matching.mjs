// One probe against ten thousand templates: ours, a plain loop, and other people's indexes.
import { madeFaces } from "../lib/made-faces.mjs";
import { nativeIndexes, ourMatrix, plainLoop } from "../lib/matchers.mjs";
import { openPeer, peersMissing } from "../lib/peer.mjs";
import { inTurn, median, ratio, spread } from "../lib/stats.mjs";
import { budget, ms, percent, times } from "../lib/table.mjs";

const count = 10_000;
/** Searches in each turn; their median counts, so that a turn that was interrupted does not. */
const repeats = 5;
/** Probes by which it is counted who misses somebody: half of people who are known, half of strangers. */
const judged = 1000;

export async function matching({ runs }) {
  const faces = madeFaces(1);
  const templates = Array.from({ length: count }, () => faces.next());
  const probes = Array.from({ length: judged }, (_, n) => (n % 2 ? faces.stranger() : faces.probe(n)));
  const natives = nativeIndexes(templates);
  const matchers = [ourMatrix(templates), plainLoop(templates), ...natives.filter(({ search }) => search)];
  const right = rightAnswers(matchers, { templates, probes });
  const peer = peersMissing() ? undefined : await openPeer("human");
  try {
    const found = await race(matchers, { templates, probes, peer, rounds: Math.max(runs, 100) });
    return {
      title: `One face against ${count.toLocaleString("en-GB")} templates`,
      text: [
        "Ours: `TemplateMatrix.top2`, the nearest two different people, exact. `match.find` of @vladmandic/human gives the nearest one; the indexes give eight neighbours each, because they know no people and the runner-up must be another person. Templates of 128 numbers, three of a person, made to lie as faces do. Turns alternate, the median of five searches counts for each; ratios are medians over the turns.",
        `"Finds both": of ${judged} probes, half of people who are enrolled and half of strangers, how often the nearest template and the nearest of another person are the right ones. An approximate index misses people: one that is missed as the nearest is turned away, one that is missed as the runner-up is a doubt that nobody hears of.`,
        ...natives.flatMap(({ missing }) => (missing ? [missing] : [])),
        ...(peer ? [] : [peersMissing()]),
      ],
      columns: ["who", "n", "min ms", "p50 ms", "p95 ms", "p99 ms", "times ours", "finds both", "budget", ""],
      rows: Object.entries(found).map(([name, values]) => {
        const { n, min, p50, p95, p99 } = spread(values);
        return [
          ...[name, String(n), ms(min), ms(p50), ms(p95), ms(p99)],
          times(ratio(values, found.ours)),
          right.has(name) ? percent(right.get(name)) : "-",
          ...budget(p50, name === "ours" ? 0.3 : undefined, "ms"),
        ];
      }),
    };
  } finally {
    peer?.close();
  }
}

async function race(matchers, { templates, probes, peer, rounds }) {
  let n = 0;
  const five = () => Array.from({ length: repeats }, () => probes[n++ % probes.length]);
  const works = Object.fromEntries(matchers.map(({ name, search }) => [name, () => medianMs(five(), search)]));
  if (peer) {
    await peer.ask("fillGallery", { name: "faces", vectors: templates.map(({ vector }) => vector) });
    works["@vladmandic/human, match.find"] = () => peer.ask("runFind", { name: "faces", probes: five() });
  }
  return inTurn(works, { rounds, warmUps: 10 });
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

/** Part of the probes for which a matcher gives the right two; the plain loop is right by definition. */
function rightAnswers(matchers, { templates, probes }) {
  const exact = matchers.find(({ name }) => name.startsWith("plain"));
  const expected = probes.map((probe) => exact.search(probe));
  const parts = new Map();
  for (const { name, search } of matchers) {
    const hits = probes.filter((probe, n) => {
      const [first, ...others] = search(probe);
      const second = others.find((id) => templates[id].personId !== templates[first]?.personId);
      return first === expected[n][0] && second === expected[n][1];
    });
    parts.set(name, hits.length / probes.length);
  }
  if (parts.get("ours") !== 1) throw new Error("a matcher that is fast and wrong is no figure");
  return parts;
}
