/**
 * Who plays what in the demo and the tests: faces that look nearly into the camera and are large, with embeddings (dlib,
 * portrait against portrait) far from each other: at least 0.68 between any two. As walkers they stay within 0.18 (the
 * enrolled one), 0.29 (the newcomer) and 0.42 (the strangers) of their own portrait, and beyond 0.65 of every other.
 */
export const roles = {
  /** Known to the door from the start. */
  enrolled: "sample5-0",
  /** Enrolled from afar while the demo runs. */
  newcomer: "sample3-0",
  strangers: ["sample6-3", "sample3-1", "sample6-0"],
} as const;

/** The same woman on another photograph: for tests of recognition across pictures (0.42 apart). */
export const samePerson = ["sample3-1", "sample1-2"] as const;
