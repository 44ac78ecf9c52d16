import type { Vote } from "./track-case.ts";

/** What the record of a decision says about the recognition behind it. */

export function oldestFrameMs(votes: readonly Vote[]): number {
  return Math.min(...votes.map((vote) => vote.capturedAtMs));
}

export function describe(vote: Vote): { distance?: number; enrolledDistance?: number; runnerUp?: number } {
  const { distance, enrolledDistance, runnerUp } = vote.identification;
  return {
    ...(distance === null ? {} : { distance: round(distance) }),
    ...(enrolledDistance === undefined ? {} : { enrolledDistance: round(enrolledDistance) }),
    ...(runnerUp === null ? {} : { runnerUp: round(runnerUp.distance) }),
  };
}

function round(distance: number): number {
  return Math.round(distance * 1000) / 1000;
}
