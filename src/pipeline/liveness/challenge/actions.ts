/**
 * What a person at the door may be asked to do, one thing at a time. Left and right are the person's own: the camera's picture is not
 * mirrored, so that somebody who turns to their left turns towards the right edge of the picture.
 */
export const challengeActions = ["turn-left", "turn-right", "look-up", "blink-twice", "open-mouth"] as const;
export type ChallengeAction = (typeof challengeActions)[number];
