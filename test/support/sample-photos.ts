import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** One of the sample photographs that come with the face library: `sample1.jpg` to `sample6.jpg`. */
export function readSample(name: string): Uint8Array {
  const require = createRequire(import.meta.url);
  return readFileSync(join(dirname(require.resolve("@vladmandic/face-api/package.json")), "demo", name));
}
