import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readJsonLines } from "../../../src/core/json-lines.ts";
import { takeFirstLine } from "../../../src/vision/first-line.ts";

describe("the first line", () => {
  it("is taken however it is cut, and what follows stays for the next reader", async () => {
    const input = new PassThrough();
    const line = takeFirstLine(input, 100);
    for (const piece of ['{"a"', ":1", '}\n{"b":2}\n{"c"', ":3}\n"]) input.write(piece);
    input.end();
    expect(await line).toBe('{"a":1}');
    const rest: unknown[] = [];
    await new Promise<void>((resolve) => {
      readJsonLines(input, 100, { onMessage: (m) => rest.push(m), onBadLine: () => {}, onClose: resolve });
      input.resume();
    });
    expect(rest).toEqual([{ b: 2 }, { c: 3 }]);
  });
  it("that never ends is given up", async () => {
    const input = new PassThrough();
    const line = takeFirstLine(input, 10);
    input.write("x".repeat(11));
    expect(await line).toBeNull();
  });
  it("of a stream that closes first is none", async () => {
    const input = new PassThrough();
    const line = takeFirstLine(input, 10);
    input.end("abc");
    expect(await line).toBeNull();
  });
});
