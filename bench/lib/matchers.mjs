// Everything that can look for the nearest of many vectors, behind one shape: {name, kind, search(probe) -> template ids, nearest first}.
import { createRequire } from "node:module";
import { TemplateMatrix } from "../../dist/pipeline/matching/matrix.js";
import { versionOf } from "./machine.mjs";

const require = createRequire(import.meta.url);
/** Neighbours asked of an index that knows no people: enough to see a second person behind three templates of the first. */
const neighbours = 8;

export function ourMatrix(templates) {
  const matrix = new TemplateMatrix(templates[0].vector.length);
  for (const template of templates) matrix.add(template);
  return {
    name: "ours",
    search: (probe) => {
      const { first, second } = matrix.top2(probe);
      return [first.templateId, ...(second ? [second.templateId] : [])];
    },
  };
}

/** One loop in JavaScript over a flat Float32Array: the nearest two different people, exact. */
export function plainLoop(templates) {
  const columns = templates[0].vector.length;
  const flat = new Float32Array(templates.length * columns);
  templates.forEach(({ vector }, row) => {
    flat.set(vector, row * columns);
  });
  const people = Int32Array.from(templates, ({ personId }) => Number(personId.slice(1)));
  return {
    name: "plain JavaScript loop",
    search: (probe) => nearestTwo(flat, people, probe),
  };
}

function nearestTwo(flat, people, probe) {
  let [first, second, lowest, next] = [-1, -1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let start = 0, row = 0; start < flat.length; start += probe.length, row++) {
    let sum = 0;
    for (let i = 0; i < probe.length; i++) {
      const difference = flat[start + i] - probe[i];
      sum += difference * difference;
    }
    if (sum >= next) continue;
    if (sum < lowest) {
      if (people[row] !== people[first]) [second, next] = [first, lowest];
      [first, lowest] = [row, sum];
    } else if (people[row] !== people[first]) [second, next] = [row, sum];
  }
  return [first, second];
}

/** Native indexes that are installed for the comparison: one says why it is left out. */
export function nativeIndexes(templates) {
  return [usearchIndex, hnswlibIndex, hnswlibAll].map((open) => {
    try {
      return open(templates);
    } catch (error) {
      return { missing: `${open.label} is left out: ${String(error.message).split("\n")[0]}` };
    }
  });
}

function usearchIndex(templates) {
  const { Index } = require("usearch");
  const dimensions = templates[0].vector.length;
  const index = new Index({ metric: "l2sq", quantization: "f32", dimensions, multi: false });
  const all = new Float32Array(templates.length * dimensions);
  templates.forEach(({ vector }, row) => {
    all.set(vector, row * dimensions);
  });
  index.add(
    BigUint64Array.from(templates, ({ templateId }) => BigInt(templateId)),
    all,
    1,
  );
  return {
    name: `usearch ${versionOf("usearch")}, its defaults (approximate)`,
    search: (probe) => Array.from(index.search(probe, neighbours, 1).keys, Number),
  };
}
usearchIndex.label = "usearch";

function hnswlibIndex(templates) {
  const { HierarchicalNSW } = require("hnswlib-node");
  const index = new HierarchicalNSW("l2", templates[0].vector.length);
  index.initIndex(templates.length);
  for (const { vector, templateId } of templates) index.addPoint(Array.from(vector), templateId);
  return {
    name: `hnswlib-node ${versionOf("hnswlib-node")}, its defaults (approximate)`,
    search: (probe) => index.searchKnn(Array.from(probe), neighbours).neighbors,
  };
}
hnswlibIndex.label = "hnswlib-node (npm rebuild hnswlib-node --ignore-scripts=false builds it)";

function hnswlibAll(templates) {
  const { BruteforceSearch } = require("hnswlib-node");
  const index = new BruteforceSearch("l2", templates[0].vector.length);
  index.initIndex(templates.length);
  for (const { vector, templateId } of templates) index.addPoint(Array.from(vector), templateId);
  return {
    name: `hnswlib-node ${versionOf("hnswlib-node")}, brute force (exact)`,
    search: (probe) => index.searchKnn(Array.from(probe), neighbours).neighbors,
  };
}
hnswlibAll.label = "hnswlib-node's brute force";
