import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A state directory of its own for one test, removed after it. */
export function temporaryStateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "lintel-state-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
