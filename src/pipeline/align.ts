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

/** Map from a crop of `pixels` x `pixels` to the picture: 1.25 times the mesh's box, levelled by the eyes, for the second descriptor. */
export function faceresCrop(mesh: FaceMesh, pixels: number): Affine {
  const rollRad = rollOfMesh(mesh);
  const { centre, width, height } = extentOfMesh(mesh, rollRad);
  return mapOfSquare({ centre, size: Math.max(width, height) * 1.25, rollRad }, pixels);
}
