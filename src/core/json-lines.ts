import type { Readable, Writable } from "node:stream";

/**
 * Messages between processes: one JSON document a line, UTF-8. A line longer than the limit, or one that is no JSON, is
 * given to `onBadLine` and dropped: a broken peer never grows our memory and never stops the reading of what follows.
 */
export interface JsonLinesReader {
  onMessage(message: unknown): void;
  onBadLine(reason: "too-long" | "not-json"): void;
  /** The input ended or failed: the peer is gone. Called once. */
  onClose(): void;
}

export function readJsonLines(input: Readable, maxLineBytes: number, reader: JsonLinesReader): void {
  let parts: Buffer[] = [];
  let length = 0;
  let isSkipping = false;
  let isClosed = false;

  const take = (line: Buffer) => {
    if (line.length === 0) return;
    let message: unknown;
    try {
      message = JSON.parse(line.toString("utf8"));
    } catch {
      reader.onBadLine("not-json");
      return;
    }
    reader.onMessage(message);
  };
  const hold = (piece: Buffer) => {
    if (isSkipping) return;
    length += piece.length;
    if (length > maxLineBytes) {
      parts = [];
      isSkipping = true;
      reader.onBadLine("too-long");
    } else {
      parts.push(piece);
    }
  };
  input.on("data", (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10, start); end >= 0; end = chunk.indexOf(10, start)) {
      hold(chunk.subarray(start, end));
      const line = isSkipping ? undefined : Buffer.concat(parts);
      parts = [];
      length = 0;
      isSkipping = false;
      start = end + 1;
      if (line) take(line);
    }
    if (start < chunk.length) hold(chunk.subarray(start));
  });
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    reader.onClose();
  };
  input.on("end", close);
  input.on("close", close);
  input.on("error", close);
}

/** Writes one message. False when the peer's pipe is full: what may be dropped should then be dropped. */
export function writeJsonLine(output: Writable, message: unknown): boolean {
  if (output.destroyed || output.writableEnded) return false;
  return output.write(`${JSON.stringify(message)}\n`);
}
