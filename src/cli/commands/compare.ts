import { Command } from "commander";
import { exitCode } from "../../core/errors.ts";
import { comparedBy, type FaceVectors, faceDistance, faceVectors } from "../../pipeline/matching/fusion.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import { verificationThreshold } from "../../pipeline/matching/threshold.ts";
import { type PhotoFace, unpackEmbedding } from "../../vision/protocol.ts";
import { print } from "../output.ts";
import { facesOf, readPhotoFile, startPhotoAnalyser } from "../photo-files.ts";

/** Answer of the command (contract). `distance` is null when one of the pictures has no usable face. */
interface Comparison {
  readonly distance: number | null;
  readonly threshold: number;
  readonly match: boolean;
  readonly faces: readonly [number, number];
  /** What the distance rests on. */
  readonly embedder: string;
  /** What each embedder says by itself, each on its own scale. */
  readonly distances: { readonly dlib: number | null; readonly faceres: number | null };
  readonly reason: string | null;
}

export function compareCommand(): Command {
  return new Command("compare")
    .description("Are these two photographs one person? The largest face of each counts.")
    .argument("<a>", "a photograph")
    .argument("<b>", "another one")
    .option("--json", "print {distance, threshold, match, faces, embedder, distances}")
    .addHelpText(
      "after",
      "\nExit code 0: one person, 1: not (or no usable face), 2: unreadable.\n\nExample:\n  lintel compare badge.jpg today.jpg",
    )
    .action(async (a: string, b: string, options: { json?: boolean }) => {
      const pictures = [readPhotoFile(a), readPhotoFile(b)] as const;
      const analyser = startPhotoAnalyser();
      try {
        const facesA = facesOf(a, await analyser.analyse(pictures[0], "comparison"));
        const facesB = facesOf(b, await analyser.analyse(pictures[1], "comparison"));
        const result = compare(facesA, facesB);
        print(options, result, () => comparisonText(result));
        process.exitCode = result.match ? exitCode.ok : exitCode.no;
      } finally {
        analyser.stop();
      }
    });
}

// --- internal ---

function compare(a: readonly PhotoFace[], b: readonly PhotoFace[]): Comparison {
  const faces = [a.length, b.length] as const;
  const common = { threshold: verificationThreshold, faces };
  const [vectorsA, vectorsB] = [vectorsOf(a), vectorsOf(b)];
  if (!vectorsA || !vectorsB) {
    const which = vectorsA ? "second" : "first";
    const why = (vectorsA ? b : a).flatMap(({ reasons }) => reasons)[0] ?? "no face";
    const nothing = {
      distance: null,
      match: false,
      embedder: "dlib+faceres",
      distances: { dlib: null, faceres: null },
    };
    return { ...common, ...nothing, reason: `the ${which} picture: ${why}` };
  }
  const distance = faceDistance(vectorsA, vectorsB);
  const match = distance <= verificationThreshold;
  const distances = {
    dlib: euclidean(vectorsA.dlib, vectorsB.dlib),
    faceres: vectorsA.faceres && vectorsB.faceres ? euclidean(vectorsA.faceres, vectorsB.faceres) : null,
  };
  return { ...common, distance, match, embedder: comparedBy(vectorsA, vectorsB), distances, reason: null };
}

/** The vectors of the largest face that has them. */
function vectorsOf(faces: readonly PhotoFace[]): FaceVectors | null {
  const bySize = [...faces].sort((p, q) => q.faceWidthPx - p.faceWidthPx);
  for (const face of bySize) {
    const found = faceVectors(face.embeddings.map(unpackEmbedding));
    if (found) return found;
  }
  return null;
}

function comparisonText({ distance, threshold, match, reason, embedder, distances }: Comparison): string {
  if (distance === null) return `not comparable: ${reason ?? ""}`;
  const answer = match ? "one person" : "not one person";
  const alone = `${embedder}; dlib alone ${distances.dlib?.toFixed(3) ?? "-"}`;
  return `${answer}: distance ${distance.toFixed(3)}, threshold ${threshold.toFixed(3)} (${alone})`;
}
