import { type Affine, extentOfMesh, fitSimilarity, mapOfSquare, meshIndex, meshPoint, rollOfMesh } from "./geometry.ts";
import type { FaceMesh, Point } from "./types.ts";

/**
 * dlib's five-point face chip: where the corners of the eyes and the base of the nose lie, as fractions of a chip without padding.
 * The network was trained on chips made in this way, so these numbers are part of it.
 */
const fivePoints: readonly { readonly index: number; readonly place: Point }[] = [
  { index: meshIndex.leftEyeOuter, place: { x: 0.8595674595992, y: 0.2134981538014 } },
  { index: meshIndex.leftEyeInner, place: { x: 0.6460604764104, y: 0.2289674387677 } },
  { index: meshIndex.rightEyeOuter, place: { x: 0.1205750620789, y: 0.2137274526848 } },
  { index: meshIndex.rightEyeInner, place: { x: 0.3340850613712, y: 0.2290642403242 } },
  { index: meshIndex.noseBase, place: { x: 0.4901123135679, y: 0.6277975316475 } },
];
const chipPadding = 0.25;

/** Map from a chip of `pixels` x `pixels` to the picture, as dlib's embedder wants it. */
export function dlibChip(mesh: FaceMesh, pixels: number): Affine {
  const inChip = fivePoints.map(({ place }) => ({
    x: ((place.x + chipPadding) / (1 + 2 * chipPadding)) * pixels,
    y: ((place.y + chipPadding) / (1 + 2 * chipPadding)) * pixels,
  }));
  return fitSimilarity(
    inChip,
    fivePoints.map(({ index }) => meshPoint(mesh, index)),
  );
}

/** ArcFace's five places in a chip of 112 pixels: eyes, tip of the nose, corners of the mouth, the person's right side first. */
const arcfacePlaces: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** Map from a chip of `pixels` x `pixels` to the picture, as networks trained in ArcFace's way want it. */
export function arcfaceChip(mesh: FaceMesh, pixels: number): Affine {
  const scale = pixels / 112;
  const eye = (outer: number, inner: number): Point => {
    const [p, q] = [meshPoint(mesh, outer), meshPoint(mesh, inner)];
    return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 };
  };
  return fitSimilarity(
    arcfacePlaces.map(({ x, y }) => ({ x: x * scale, y: y * scale })),
    [
      eye(meshIndex.rightEyeOuter, meshIndex.rightEyeInner),
      eye(meshIndex.leftEyeOuter, meshIndex.leftEyeInner),
      meshPoint(mesh, meshIndex.noseTip),
      meshPoint(mesh, meshIndex.mouthRight),
      meshPoint(mesh, meshIndex.mouthLeft),
    ],
  );
}

/**
 * Side of the second descriptor's crop in sizes of the mesh's box. The same pairs as in models/faceres.ts gave an FNMR at FMR 1e-3 and 1e-4
 * of 3.7 / 6.1 % with 1.1, 3.3 / 5.7 % with 1.25 and 2.9 / 5.0 % with 1.45; a crop laid over dlib's five points gave 3.5 to 4.1 / 5.5 to 7.3 %.
 */
const faceresMargin = 1.45;

/** Map from a crop of `pixels` x `pixels` to the picture, levelled by the eyes, for the second descriptor. */
export function faceresCrop(mesh: FaceMesh, pixels: number): Affine {
  const rollRad = rollOfMesh(mesh);
  const { centre, width, height } = extentOfMesh(mesh, rollRad);
  return mapOfSquare({ centre, size: Math.max(width, height) * faceresMargin, rollRad }, pixels);
}
