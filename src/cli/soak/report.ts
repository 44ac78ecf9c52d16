import type { SoakReport } from "./run-soak.ts";

/** The report as a page to read. */
export function markdownOf(report: SoakReport): string {
  const { ok, breaches, simulatedHours, realMinutes, visits, openings, events, repeated, starts, complaints } = report;
  const count = (who: string) => visits.filter((one) => one.who === who);
  const rows = ["enrolled", "stranger", "print"].map((who) => {
    const all = count(who);
    const verdicts = [...new Set(all.map(({ verdict }) => verdict))];
    const said = verdicts
      .map((name) => `${all.filter(({ verdict }) => verdict === name).length} ${name ?? "nothing"}`)
      .join(", ");
    return `| ${who} | ${all.length} | ${all.filter(({ asExpected }) => asExpected).length} | ${said} | ${medianSeconds(all)} |`;
  });
  return [
    `# Soak: ${ok ? "passed" : `${breaches.length} breaches`}`,
    "",
    `${simulatedHours.toFixed(1)} simulated hours in ${realMinutes.toFixed(1)} minutes, seed ${report.seed}: ${visits.length} visits, ${report.faults.length} faults, ${openings} openings of the strike, ${events} events (${repeated} delivered more than once), ${starts} starts of the daemon, ${complaints.warn} warnings and ${complaints.error} errors in its log.`,
    ...(ok ? [] : ["", "## Breaches", "", ...breaches.map((breach) => `- ${breach}`)]),
    "",
    "## Visits",
    "",
    "| who | visits | as expected | the door said | median |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    "## Faults",
    "",
    "| fault | the door answered after | bound | seen |",
    "|---|---|---|---|",
    ...report.faults.map(
      ({ fault, answeredMs, boundMs, saw }) =>
        `| ${fault} | ${answeredMs === null ? "-" : `${(answeredMs / 1000).toFixed(2)} s`} | ${boundMs / 1000} s | ${saw} |`,
    ),
    ...report.leftOut.map(({ fault, why }) => `| ${fault} | left out | | ${why} |`),
    "",
    "## Memory and files",
    "",
    "Lower quartile of the first and the last third after warm-up, for each process that lived long enough.",
    "",
    "| process | lived | resident MB | growth | open files |",
    "|---|---|---|---|---|",
    ...report.processes.flatMap(({ kind, livedS, growth }) =>
      growth === null
        ? []
        : [
            `| ${kind} | ${(livedS / 60).toFixed(1)} min | ${growth.residentFromMb.toFixed(1)} to ${growth.residentToMb.toFixed(1)} | ${(100 * growth.resident).toFixed(1)} % | ${growth.filesFrom} to ${growth.filesTo} |`,
          ],
    ),
    `| ${report.processes.filter(({ growth }) => growth === null).length} others | too short to say | | | |`,
    "",
  ].join("\n");
}

// --- internal ---

function medianSeconds(visits: SoakReport["visits"]): string {
  const middle = visits.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[Math.floor(visits.length / 2)];
  return middle === undefined ? "" : `${middle.toFixed(1)} s`;
}
