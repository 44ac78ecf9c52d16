import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { lossMs, noTracks, restart, step, type Tracks } from "../../../src/pipeline/track.ts";
import type { Detection } from "../../../src/pipeline/types.ts";

const point = { x: 0, y: 0 };
const keypoints = { rightEye: point, leftEye: point, nose: point, mouth: point, rightEar: point, leftEar: point };

function face(x: number, y = 100, width = 100, score = 0.9): Detection {
  return { box: { x, y, width, height: width }, score, keypoints };
}

const ids = ({ tracks }: Tracks) => tracks.map(({ id }) => id);

/** Steps through frames 100 ms apart; returns the last state and every id that ended. */
function play(frames: readonly (readonly Detection[])[], start: Tracks = noTracks) {
  let tracks = start;
  const ended: number[] = [];
  frames.forEach((detections, i) => {
    const result = step(tracks, detections, i * 100);
    tracks = result.tracks;
    ended.push(...result.ended.map(({ id }) => id));
  });
  return { tracks, ended };
}

describe("one person is one track", () => {
  it("while walking", () => {
    const { tracks, ended } = play(Array.from({ length: 10 }, (_, i) => [face(i * 30)]));
    expect(ids(tracks)).toEqual([1]);
    expect(ended).toEqual([]);
  });
  it("who moves by more than half a face between two frames", () => {
    expect(ids(play([[face(0)], [face(65)]]).tracks)).toEqual([1]);
  });
  it("who comes closer", () => {
    expect(ids(play([[face(100, 100, 60)], [face(90, 90, 80)], [face(80, 80, 105)]]).tracks)).toEqual([1]);
  });
  it("who is not seen for half a second", () => {
    const { tracks } = play([[face(0)], [], [], [], [], [face(10)]]);
    expect(ids(tracks)).toEqual([1]);
    expect(tracks.tracks[0]).toMatchObject({ firstSeenMs: 0, lastSeenMs: 500 });
  });
  it("a hidden face is known to be hidden", () => {
    expect(play([[face(0)], []]).tracks.tracks[0]?.detection).toBeNull();
  });
});

describe("another person is another track", () => {
  it("who stands there after the first was gone too long", () => {
    const away = Array.from({ length: lossMs / 100 + 1 }, () => []);
    const { tracks, ended } = play([[face(0)], ...away, [face(0)]]);
    expect(ended).toEqual([1]);
    expect(ids(tracks)).toEqual([2]);
  });
  it("elsewhere in the next frame", () => {
    expect(ids(play([[face(0)], [face(300)]]).tracks)).toEqual([1, 2]);
  });
  it("much larger or smaller at the same place", () => {
    expect(ids(play([[face(0, 100, 60)], [face(0, 100, 120)]]).tracks)).toEqual([1, 2]);
  });
  it("two faces side by side, even when they swap over", () => {
    const { tracks } = play([
      [face(0), face(200)],
      [face(210), face(5)],
    ]);
    expect(ids(tracks)).toEqual([1, 2]);
    expect(tracks.tracks[0]?.box.x).toBe(5);
  });
});

it("two faces in one frame never share a track, and no id is used twice", () => {
  const random = seededRandom(4);
  let tracks = noTracks;
  const dead = new Set<number>();
  for (let i = 0; i < 400; i++) {
    const count = Math.floor(random() * 5);
    const detections = Array.from({ length: count }, () => face(random() * 300, random() * 100, 40 + random() * 80));
    const result = step(tracks, detections, i * 100);
    tracks = result.tracks;
    for (const { id } of result.ended) dead.add(id);
    const seen = tracks.tracks.filter(({ detection }) => detection !== null);
    expect(new Set(seen.map(({ detection }) => detection)).size).toBe(seen.length);
    expect(new Set(ids(tracks)).size).toBe(tracks.tracks.length);
    for (const id of ids(tracks)) expect(dead.has(id)).toBe(false);
    expect(tracks.tracks.length).toBeLessThanOrEqual(8);
  }
});

it("in a crowd the largest faces are followed", () => {
  const crowd = Array.from({ length: 20 }, (_, i) => face(i * 200, 100, 40 + i));
  const { tracks } = step(noTracks, crowd, 0);
  expect(Math.min(...tracks.tracks.map(({ box }) => box.width))).toBe(52);
});

it("a track that starts again has a new id, and the old one never comes back", () => {
  const { tracks } = step(noTracks, [face(0), face(200)], 0);
  const again = restart(tracks, 1, 100);
  expect(again.newId).toBe(3);
  const { tracks: later } = step(again.tracks, [face(0), face(200)], 200);
  expect(ids(later).sort()).toEqual([2, 3]);
  expect(later.nextId).toBe(4);
});
