import type { Readable } from "node:stream";

/** Takes the first line off a stream and leaves the rest in it. Null when the stream ends first or the line is too long. */
export function takeFirstLine(input: Readable, maxBytes: number): Promise<string | null> {
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0);
    const finish = (line: string | null) => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.off("error", onEnd);
      resolve(line);
    };
    const onEnd = () => finish(null);
    const onData = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      const end = held.indexOf(10);
      if (end < 0) {
        if (held.length > maxBytes) finish(null);
        return;
      }
      input.pause();
      finish(held.subarray(0, end).toString("utf8"));
      if (end + 1 < held.length) input.unshift(held.subarray(end + 1));
    };
    input.on("data", onData);
    input.on("end", onEnd);
    input.on("error", onEnd);
  });
}
