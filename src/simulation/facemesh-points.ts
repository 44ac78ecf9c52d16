/** Points of the FaceMesh topology that the simulation needs (MediaPipe canonical face model). */

/** The outline of the face, clockwise as we see it, from the middle of the forehead. */
export const faceOval = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
  172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;

export const forehead = 10;
export const chin = 152;
/** The widest points, before the ears: on the person's right (our left) and left. */
export const rightCheek = 234;
export const leftCheek = 454;

/** Points of the upper lid's edge and those of the lower lid they meet when the eye shuts. */
export const lidPairs: readonly (readonly [upper: number, lower: number])[] = [
  [246, 7],
  [161, 163],
  [160, 144],
  [159, 145],
  [158, 153],
  [157, 154],
  [173, 155],
  [466, 249],
  [388, 390],
  [387, 373],
  [386, 374],
  [385, 380],
  [384, 381],
  [398, 382],
];

/**
 * The crease above each upper lid with the point of the lid's edge below it, from our left to our right: the person's right
 * eye first, then the left.
 */
export const lidStrips: readonly (readonly (readonly [crease: number, lid: number])[])[] = [
  [
    [130, 33],
    [247, 246],
    [30, 161],
    [29, 160],
    [27, 159],
    [28, 158],
    [56, 157],
    [190, 173],
    [243, 133],
  ],
  [
    [463, 362],
    [414, 398],
    [286, 384],
    [258, 385],
    [257, 386],
    [259, 387],
    [260, 388],
    [467, 466],
    [359, 263],
  ],
];

/** Where each eye's corners are: outer and inner, the person's right eye first. */
export const eyeCorners: readonly (readonly [outer: number, inner: number])[] = [
  [33, 133],
  [263, 362],
];

/** The edge of each eye's opening, all the way round. */
export const eyeRims: readonly (readonly number[])[] = [
  [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
  [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
];

/** Corners of the mouth, and the inner edge of the lower lip between them. */
export const mouthCorners = [78, 308] as const;
export const lowerLipEdge = [95, 88, 178, 87, 14, 317, 402, 318, 324] as const;
/** All of the lower lip: its inner edge first, its outer edge last. */
export const lowerLip = [
  ...lowerLipEdge,
  ...[96, 89, 179, 86, 15, 316, 403, 319, 325],
  ...[77, 90, 180, 85, 16, 315, 404, 320, 307],
  ...[146, 91, 181, 84, 17, 314, 405, 321, 375],
] as const;
