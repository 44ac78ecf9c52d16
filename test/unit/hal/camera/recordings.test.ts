import { describe, expect, it } from "vitest";
import { isWholeJpeg } from "../../../../src/hal/camera/jpeg-check.ts";
import { PpmStream } from "../../../../src/hal/camera/ppm-stream.ts";
import { boundToParent } from "../../../../src/hal/camera/raw-sources.ts";
import { naturalOrder, parseProbedRate } from "../../../../src/hal/camera/recordings.ts";
import { redactUrls } from "../../../../src/hal/camera/redact.ts";
import { dueIndex } from "../../../../src/hal/camera/replay.ts";

const ppm = (width: number, height: number, value: number): Buffer =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, value)]);

function pictures(chunks: readonly Uint8Array[]) {
  const stream = new PpmStream();
  for (const chunk of chunks) stream.push(chunk);
  const all: { width: number; height: number; first: number | undefined; bytes: number }[] = [];
  for (let image = stream.shift(); image !== undefined; image = stream.shift()) {
    all.push({ width: image.width, height: image.height, first: image.rgb[0], bytes: image.rgb.length });
  }
  return all;
}

describe("a stream of PPM pictures", () => {
  const bytes = Buffer.concat([ppm(3, 2, 10), ppm(2, 2, 20)]);
  const expected = [
    { width: 3, height: 2, first: 10, bytes: 18 },
    { width: 2, height: 2, first: 20, bytes: 12 },
  ];

  it.each([1, 2, 5, 7, 1000])("is cut alike whatever the size of its pieces (%i bytes)", (size) => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    expect(pictures(chunks)).toEqual(expected);
  });

  it("takes pixels that look like white space for pixels", () => {
    expect(pictures([ppm(2, 1, 0x0a)])).toEqual([{ width: 2, height: 1, first: 10, bytes: 6 }]);
  });

  it("keeps an unfinished picture back", () => {
    expect(pictures([bytes.subarray(0, -1)])).toEqual(expected.slice(0, 1));
  });

  it.each([
    ["something else", Buffer.alloc(200, 0x41)],
    ["16-bit pictures", Buffer.from(`P6\n2 2\n65535\n${" ".repeat(100)}`)],
    ["a picture without pixels", Buffer.from("P6\n0 2\n255\n")],
    ["a picture that would fill the memory", Buffer.from("P6\n99999 99999\n255\n")],
  ])("refuses %s", (_name, chunk) => {
    expect(() => pictures([chunk])).toThrow(RangeError);
  });
});

describe("a recording", () => {
  it("orders pictures as people count and leaves other files out", () => {
    expect(naturalOrder(["f10.jpg", "f2.jpg", "notes.txt", "f1.JPG", ".f", "f02.png"])).toEqual([
      "f1.JPG",
      "f2.jpg",
      "f02.png",
      "f10.jpg",
    ]);
  });

  it.each([
    [0, 0],
    [99, 0],
    [99.9, 1],
    [100, 1],
    [1000, 10],
    [-5, 0],
  ])("after %f ms at 10 pictures a second picture %i is due", (elapsedMs, index) => {
    expect(dueIndex(elapsedMs, 10)).toBe(index);
  });

  it.each([
    ['{"streams":[{"r_frame_rate":"30/1","avg_frame_rate":"30000/1001"}]}', 30000 / 1001],
    ['{"streams":[{"r_frame_rate": "25/1","avg_frame_rate": "0/0"}]}', 25],
    ['{"streams":[{"r_frame_rate":"90000/1","avg_frame_rate":"0/0"}]}', null],
    ["{}", null],
  ])("reads the rate from %s", (json, rate) => {
    expect(parseProbedRate(json)).toBe(rate);
  });
});

describe("a shot", () => {
  const whole = [0xff, 0xd8, 1, 2, 0xff, 0xd9];
  it.each([
    ["whole", whole, true],
    ["empty", [], false],
    ["torn", whole.slice(0, -2), false],
    ["without its beginning", whole.slice(2), false],
    ["too short", [0xff, 0xd8, 0xff, 0xd9], false],
  ])("that is %s is judged so", (_name, bytes, isWhole) => {
    expect(isWholeJpeg(Uint8Array.from(bytes))).toBe(isWhole);
  });
});

describe("what a program says", () => {
  it.each([
    ["rtsp://door:secret@cam/a: Connection refused", "rtsp://***@cam/a: Connection refused"],
    ["a rtsp://x@h b RTSPS://u:p%40q@h:1/c", "a rtsp://***@h b RTSPS://***@h:1/c"],
    ["rtsp://cam/a@b", "rtsp://cam/a@b"],
    ["mail a@b.c", "mail a@b.c"],
  ])("loses its passwords: %s", (text, expected) => {
    expect(redactUrls(text)).toBe(expected);
  });
});

describe("a program bound to its parent", () => {
  it("is started through setpriv, its arguments untouched", () => {
    expect(boundToParent("ffmpeg", ["-i", "a b;c"], "/usr/bin/setpriv")).toEqual({
      command: "/usr/bin/setpriv",
      args: ["--pdeathsig", "KILL", "--", "ffmpeg", "-i", "a b;c"],
    });
  });

  it("is started plainly where setpriv is missing", () => {
    expect(boundToParent("ffmpeg", ["-i"], null)).toEqual({ command: "ffmpeg", args: ["-i"] });
  });
});
