import type { Vote } from "./track-case.ts";

/** What the record of a decision says about the recognition behind it. */

export function oldestFrameMs(votes: readonly Vote[]): number {
  return Math.min(...votes.map((vote) => vote.capturedAtMs));
}

export function describe(vote: Vote): { distance?: number; runnerUp?: number } {
  const { distance, runnerUp } = vote.identification;
  return {
    ...(distance === null ? {} : { distance: round(distance) }),
    ...(runnerUp === null ? {} : { runnerUp: round(runnerUp.distance) }),
  };
}

function round(distance: number): number {
  return Math.round(distance * 1000) / 1000;
}
