import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LintelError } from "../../core/errors.ts";
import { realMarkdown, simulatedMarkdown } from "./markdown.ts";
import type { RehearsedLevel } from "./rehearse.ts";
import type { LivenessReport } from "./report.ts";

/**
 * Writes what was measured (at `active` under `simulated-active`) into `liveness.md` of a documentation folder, between `<!-- report:simulated -->` and
 * `<!-- /report:simulated -->` (or `real`), and the same as JSON beside it. Throws `LINTEL_E_USAGE` when the page has no such place.
 */
export async function writeReport(report: LivenessReport, docsDirectory: string): Promise<void> {
  const page = join(docsDirectory, "liveness.md");
  let text = await readFile(page, "utf8");
  const simulated = simulatedPlace(report.level);
  if (report.simulated) text = between(text, `report:${simulated}`, simulatedMarkdown(report.simulated, report.level));
  if (report.real) text = between(text, "report:real", realMarkdown(report.real));
  await writeFile(page, text);
  if (report.simulated) await writeJson(simulated, report.simulated);
  if (report.real) await writeJson("real", report.real);

  async function writeJson(material: string, part: object): Promise<void> {
    const document = JSON.stringify({ level: report.level, ...part }, null, 2);
    await writeFile(join(docsDirectory, `liveness-${material}.json`), `${document}\n`);
  }
}

export type ReportPlace = "simulated" | "simulated-active" | "real";

/** Where simulated visits at a level have their place. */
export function simulatedPlace(level: RehearsedLevel): ReportPlace {
  return level === "active" ? "simulated-active" : "simulated";
}

/** Fails before anything is measured where the report could not be written. Throws as `writeReport` does. */
export async function requirePlace(docsDirectory: string, materials: readonly ReportPlace[]): Promise<void> {
  const text = await readFile(join(docsDirectory, "liveness.md"), "utf8").catch(() => "");
  for (const material of materials) between(text, `report:${material}`, "");
}

/** Replaces what stands between a pair of markers. */
export function between(text: string, marker: string, inside: string): string {
  const [open, close] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) {
    throw new LintelError("LINTEL_E_USAGE", `the page has no ${open} followed by ${close}`, {
      hint: "Run it in the project's folder, whose docs/liveness.md has the markers.",
    });
  }
  return `${text.slice(0, start + open.length)}\n${inside}\n${text.slice(end)}`;
}
