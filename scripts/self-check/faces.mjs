// The photographs beside the project (LINTEL_SHARED, else ../shared) as faces to compare, embedded once and kept in the
// temporary directory.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { acquireAll } from "../../dist/lab/evaluate/acquire.js";
import { openFaceSource } from "../../dist/lab/evaluate/face-source.js";
import { readSets } from "../../dist/lab/evaluate/inputs.js";
import { fusedComparer } from "../../dist/pipeline/matching/face-comparer.js";
import { packVector, unpackVector } from "../../dist/vision/protocol.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const photographs = join(resolve(process.env.LINTEL_SHARED ?? join(root, "..", "shared")), "data", "faces");
const kept = join(tmpdir(), "lintel-self-check-faces.json");

/** `[{set, person, dlib, faceres}]`, vectors of numbers. */
async function pictures(names) {
  if (!existsSync(kept)) writeFileSync(kept, JSON.stringify(await embed(names)));
  const vector = (text) => unpackVector(text);
  return JSON.parse(readFileSync(kept, "utf8")).map(({ dlib, faceres, ...rest }) => ({
    ...{ ...rest, dlib: vector(dlib), faceres: vector(faceres) },
  }));
}

async function embed(names) {
  const { source, close } = await openFaceSource("fused", join(tmpdir(), "lintel-accuracy-models"));
  const found = [];
  for (const { name, people } of await readSets(photographs, names)) {
    const files = people.flatMap((person) => person.files);
    const acquired = await acquireAll(source, { root: photographs, files }, () => undefined);
    for (const person of people) {
      for (const file of person.files) {
        const of = (embedder) => acquired.get(file)?.embeddings?.find((one) => one.embedder === embedder)?.vector;
        const [dlib, faceres] = [of("dlib"), of("faceres")];
        if (dlib && faceres)
          found.push({ set: name, person: person.name, dlib: packVector(dlib), faceres: packVector(faceres) });
      }
    }
  }
  await close();
  return found;
}

/** Of each set the pictures of each person. */
export async function readFaces(names) {
  const sets = new Map(names.map((name) => [name, new Map()]));
  for (const picture of await pictures(names)) {
    const people = sets.get(picture.set);
    people?.set(picture.person, [...(people.get(picture.person) ?? []), { ...picture, face: faceOf(picture) }]);
  }
  return sets;
}

export function faceOf({ dlib, faceres }) {
  return fusedComparer.vectorsOf([
    { embedder: "dlib", vector: dlib },
    { embedder: "faceres", vector: faceres },
  ]);
}

export const nearest = (face, others) =>
  others.reduce((least, other) => Math.min(least, fusedComparer.distance(face, other)), Number.POSITIVE_INFINITY);

export function shuffled(list, random) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}

export const percent = (rate) => `${(rate * 100).toFixed(2)} %`;
