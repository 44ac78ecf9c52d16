/** The simulated camera: a pinhole at the height of a face. Lengths in metres, x to our right, y down, z away from it. */
export interface Optics {
  readonly width: number;
  readonly height: number;
  readonly focalPx: number;
  /** Where the optical axis meets the picture. */
  readonly centreX: number;
  readonly centreY: number;
}

/** A lens of about 44 degrees: a face (14 cm) a metre away is 109 pixels wide of 640. */
export function opticsOf(width: number, height: number): Optics {
  return { width, height, focalPx: 1.22 * width, centreX: width / 2, centreY: 0.46 * height };
}

/** Width of a face from cheek to cheek. */
export const faceWidthM = 0.14;
