import { Command } from "commander";
import { exitCode } from "../../core/errors.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import { verificationThreshold } from "../../pipeline/matching/threshold.ts";
import { type PhotoFace, unpackVector } from "../../vision/protocol.ts";
import { print } from "../output.ts";
import { facesOf, readPhotoFile, startPhotoAnalyser } from "../photo-files.ts";

/** Answer of the command (contract). `distance` is null when one of the pictures has no usable face. */
interface Comparison {
  readonly distance: number | null;
  readonly threshold: number;
  readonly match: boolean;
  readonly faces: readonly [number, number];
  readonly embedder: string;
  readonly reason: string | null;
}

export function compareCommand(): Command {
  return new Command("compare")
    .description("Are these two photographs one person? The largest face of each counts.")
    .argument("<a>", "a photograph")
    .argument("<b>", "another one")
    .option("--json", "print {distance, threshold, match, faces, embedder}")
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

const embedder = "dlib";

function compare(a: readonly PhotoFace[], b: readonly PhotoFace[]): Comparison {
  const faces = [a.length, b.length] as const;
  const common = { threshold: verificationThreshold, faces, embedder };
  const [vectorA, vectorB] = [vectorOf(a), vectorOf(b)];
  if (!vectorA || !vectorB) {
    const which = vectorA ? "second" : "first";
    const why = (vectorA ? b : a).flatMap(({ reasons }) => reasons)[0] ?? "no face";
    return { ...common, distance: null, match: false, reason: `the ${which} picture: ${why}` };
  }
  const distance = euclidean(vectorA, vectorB);
  return { ...common, distance, match: distance <= verificationThreshold, reason: null };
}

/** The vector of the largest face that has one. */
function vectorOf(faces: readonly PhotoFace[]): Float32Array | undefined {
  const bySize = [...faces].sort((p, q) => q.faceWidthPx - p.faceWidthPx);
  for (const face of bySize) {
    const found = face.embeddings.find((embedding) => embedding.embedder === embedder);
    if (found) return unpackVector(found.vector);
  }
  return undefined;
}

function comparisonText({ distance, threshold, match, reason }: Comparison): string {
  if (distance === null) return `not comparable: ${reason ?? ""}`;
  return `${match ? "one person" : "not one person"}: distance ${distance.toFixed(3)}, threshold ${threshold.toFixed(3)}`;
}
