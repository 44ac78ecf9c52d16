import { describe, expect, it } from "vitest";
import { FrameAssembler } from "../../../../src/hal/camera/frame-assembler.ts";

function collect(slotBytes: number, chunks: readonly number[][]): { frames: number[][]; pendingBytes: number } {
  const frames: number[][] = [];
  let slot = new Uint8Array(slotBytes);
  const assembler = new FrameAssembler({
    slot: () => slot,
    begin: () => true,
    end: () => {
      frames.push([...slot]);
      slot = new Uint8Array(slotBytes);
    },
  });
  for (const chunk of chunks) assembler.push(Uint8Array.from(chunk));
  return { frames, pendingBytes: assembler.pendingBytes };
}

describe("cutting a byte stream into frames", () => {
  it.each([
    ["a frame in one piece", [[1, 2, 3]], [[1, 2, 3]], 0],
    ["a frame byte by byte", [[1], [2], [3]], [[1, 2, 3]], 0],
    [
      "two frames in one piece",
      [[1, 2, 3, 4, 5, 6]],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      0,
    ],
    [
      "a piece that ends one frame and begins the next",
      [
        [1, 2],
        [3, 4],
        [5, 6, 7],
      ],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      1,
    ],
    ["an unfinished frame, which is not handed out", [[1, 2]], [], 2],
    ["empty pieces", [[], [1, 2], [], [3]], [[1, 2, 3]], 0],
  ])("handles %s", (_name, chunks, frames, pendingBytes) => {
    expect(collect(3, chunks)).toEqual({ frames, pendingBytes });
  });

  it("writes nothing of a frame that nobody wants, says when it is over, and goes on with the next", () => {
    const slot = new Uint8Array(3);
    const wanted = [true, false, true];
    const ends: [boolean, number[]][] = [];
    const assembler = new FrameAssembler({
      slot: () => slot,
      begin: () => wanted.shift() ?? false,
      end: (isWanted) => ends.push([isWanted, [...slot]]),
    });
    for (const chunk of [
      [1, 2],
      [3, 4, 5],
      [6, 7],
      [8, 9],
    ])
      assembler.push(Uint8Array.from(chunk));
    expect(ends).toEqual([
      [true, [1, 2, 3]],
      [false, [1, 2, 3]],
      [true, [7, 8, 9]],
    ]);
  });
});
