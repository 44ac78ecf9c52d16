import { expect, test } from "vitest";
import { SeenTracks } from "../../../../src/daemon/adaptation/seen-tracks.ts";
import { sightingOf } from "../../../support/sightings.ts";

const cue = (name: string) => ({ name, score: 0.9, verdict: "live" as const, says: "" });
const deep = { verdict: "live" as const, cues: [cue("evidence"), cue("parallax")] };

test("a living head counts only with depth, and a spoof once is remembered", () => {
  const seen = new SeenTracks();
  seen.note(sightingOf(1, 0));
  seen.note(sightingOf(2, 0, { liveness: deep }));
  seen.note(sightingOf(2, 100));
  seen.note(sightingOf(3, 0, { liveness: { verdict: "spoof", cues: [] } }));
  seen.note(sightingOf(3, 100, { liveness: deep }));
  expect(seen.take(1)).toMatchObject({ isDeep: false, isSuspect: false });
  expect(seen.take(2)).toMatchObject({ isDeep: true, isSuspect: false, frames: [{}, {}] });
  expect(seen.take(3)).toMatchObject({ isDeep: true, isSuspect: true });
});

test("a track is forgotten when it is taken, and memory is bounded in frames and in tracks", () => {
  const seen = new SeenTracks();
  for (let i = 0; i < 500; i++) seen.note(sightingOf(1, i));
  expect(seen.take(1).frames).toHaveLength(12);
  expect(seen.take(1).frames).toEqual([]);
  for (let track = 0; track < 500; track++) seen.note(sightingOf(track, track));
  expect(seen.take(0).frames).toEqual([]);
  expect(seen.take(499).frames).toHaveLength(1);
  seen.note(sightingOf(7, 0));
  seen.granted(7, "alice");
  seen.clear();
  expect(seen.take(7).frames).toEqual([]);
});

test("frames that went up for no decision are not kept", () => {
  const seen = new SeenTracks();
  seen.note(sightingOf(1, 0, { embedding: undefined }));
  seen.note(sightingOf(1, 0, { face: undefined }));
  expect(seen.take(1).frames).toEqual([]);
});
