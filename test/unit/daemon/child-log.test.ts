import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { forwardChildLog } from "../../../src/daemon/child-log.ts";
import { capturedLog } from "../../support/captured-log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function forward(...chunks: (string | Buffer)[]) {
  const input = new PassThrough();
  const { logger, lines } = capturedLog();
  const clock = new ManualClock();
  forwardChildLog(input, { logger, clock });
  for (const chunk of chunks) input.emit("data", Buffer.from(chunk));
  input.emit("end");
  return { lines, input, clock };
}

describe("the log of a child", () => {
  const levels: [number, string][] = [
    [10, "debug"],
    [20, "debug"],
    [30, "info"],
    [40, "warn"],
    [50, "error"],
    [60, "error"],
  ];
  it.each(levels)("of level %i is passed on as %s with its fields", (level, name) => {
    const { lines } = forward(`${JSON.stringify({ level, time: 1, pid: 2, hostname: "h", msg: "hello", fps: 3 })}\n`);
    expect(lines).toEqual([{ level: name, message: "hello", fields: { fps: 3 } }]);
  });

  it("has each field once: the child's own component is a part of ours", () => {
    const { lines } = forward(`${JSON.stringify({ level: 30, component: "camera", msg: "hello" })}\n`);
    expect(lines).toEqual([{ level: "info", message: "hello", fields: { part: "camera" } }]);
  });

  it.each(["Error: at x.js:1", "{broken", "[1]", "null", '{"level":"high"}'])(
    "keeps %s, which is no log line",
    (line) => {
      expect(forward(`${line}\n`).lines).toEqual([{ level: "warn", message: "child says", fields: { line } }]);
    },
  );

  it("puts lines together that arrive in pieces, letters included, and the last one without an end", () => {
    const bytes = Buffer.from("größe\nzwei");
    const { lines } = forward(bytes.subarray(0, 4), bytes.subarray(4));
    expect(lines.map(({ fields }) => fields.line)).toEqual(["größe", "zwei"]);
  });

  it("cuts a line that does not end, and holds no more of it", () => {
    const { lines } = forward(
      ..."x"
        .repeat(50)
        .split("")
        .map(() => "y".repeat(1000)),
    );
    expect(lines).toHaveLength(1);
    expect(String(lines[0]?.fields.line)).toHaveLength(4096);
  });

  it("lets a chattering child fill no disk, and says how much was left out", () => {
    const { lines, input, clock } = forward();
    for (let index = 0; index < 1000; index++) input.emit("data", Buffer.from(`line ${index}\n`));
    expect(lines).toHaveLength(50);
    clock.advance(1000);
    input.emit("data", Buffer.from("later\n"));
    expect(lines.at(-2)).toMatchObject({ message: "child log lines left out", fields: { lines: 950 } });
  });
});
