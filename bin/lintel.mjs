#!/usr/bin/env node
// The command of the package. A file of its own, so that it is there before the first build.
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write("lintel: not compiled yet - run npm run build\n");
  process.exitCode = 2;
}
