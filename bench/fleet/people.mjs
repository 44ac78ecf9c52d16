// Invented people: vectors as long as the real ones, drawn from a seed.
import { gaussian, seededRandom } from "../../dist/core/random.js";

const someDay = "2031-05-01T08:00:00.000Z";
const quality = { faceWidthPx: 150, sharpness: 400, brightness: 130, yawDeg: 2, pitchDeg: -1, rollDeg: 0.5 };

export const nameOf = (n) => `person-${n}`;

/** One template with both embeddings, as one photograph gives. */
export function somebody(n) {
  const random = seededRandom(n);
  const drawn = (length, spread) => Float32Array.from({ length }, () => gaussian(random) * spread);
  const embeddings = [
    { embedder: "dlib", vector: drawn(128, 0.047) },
    { embedder: "faceres", vector: drawn(1024, 0.031) },
  ];
  return {
    person: {
      ...{ id: nameOf(n), name: `Person ${n}`, enabled: true, groups: ["staff"], consent: null },
      ...{ validFrom: null, validUntil: null, openSeconds: null, updatedAt: someDay },
    },
    templates: [{ createdAt: someDay, source: "bench", quality, embeddings }],
  };
}
