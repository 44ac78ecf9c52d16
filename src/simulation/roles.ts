/**
 * Who plays what in the demo and the tests: faces that look nearly into the camera and are large, with embeddings (dlib,
 * portrait against portrait) far from each other: at least 0.68 between any two.
 */
export const roles = {
  /** Known to the door from the start. */
  enrolled: "sample6-3",
  /** Enrolled from afar while the demo runs. */
  newcomer: "sample5-0",
  strangers: ["sample3-1", "sample3-0", "sample6-0"],
} as const;

/** The same woman on another photograph: for tests of recognition across pictures (0.42 apart). */
export const samePerson = ["sample3-1", "sample1-2"] as const;
