// Measures, prints tables, and with --write puts them into docs/performance.md.
import { parseArgs } from "node:util";
import { compareWith } from "./compare.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { asText, verdict, writeDocument } from "./lib/report.mjs";
import { art } from "./sections/art.mjs";
import { calibration } from "./sections/calibration.mjs";
import { doorAndArt } from "./sections/door-and-art.mjs";
import { enrolment } from "./sections/enrolment.mjs";
import { fleet } from "./sections/fleet.mjs";
import { liveness } from "./sections/liveness.mjs";
import { machineLimit } from "./sections/machine-limit.mjs";
import { matching } from "./sections/matching.mjs";
import { matchingCurve } from "./sections/matching-curve.mjs";
import { mqtt } from "./sections/mqtt.mjs";
import { pauses } from "./sections/pauses.mjs";
import { peers } from "./sections/peers.mjs";
import { processor } from "./sections/processor.mjs";
import { stages } from "./sections/stages.mjs";
import { startAndMemory } from "./sections/start.mjs";
import { walkUp } from "./sections/walk-up.mjs";

const sections = {
  stages,
  liveness,
  peers,
  matching,
  "matching-curve": matchingCurve,
  calibration,
  "machine-limit": machineLimit,
  processor,
  pauses,
  "walk-up": walkUp,
  start: startAndMemory,
  mqtt,
  enrolment,
  art,
  "door-and-art": doorAndArt,
  fleet,
};

const usage = `Usage: npm run bench -- [--only <sections>] [--runs <n>] [--seconds <n>] [--json] [--write]
       npm run bench -- --compare <commit> [--rounds <n>] [--tolerance <part>] [--runs <n>] [--json]
  --only     some of: ${Object.keys(sections).join(", ")} (with commas)
  --runs     runs of each stage (100)
  --seconds  length of a measurement of processor time (20)
  --json     print {machine, sections}
  --write    put the tables into docs/performance.md (all sections)
  --compare  build that commit beside this one and run the stages of both in turn: ends with 1 when one has surely become slower
  --rounds   of both versions (10); fewer than 6 can say nothing
  --tolerance  how much slower is too much (0.1 is ten per cent)
`;

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      runs: { type: "string", default: "100" },
      seconds: { type: "string", default: "20" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      compare: { type: "string" },
      rounds: { type: "string", default: "10" },
      tolerance: { type: "string", default: "0.1" },
      help: { type: "boolean", default: false },
    },
  });
  const wanted = values.only === undefined ? Object.keys(sections) : values.only.split(",");
  const unknown = wanted.find((name) => !(name in sections));
  const options = { runs: Number(values.runs), seconds: Number(values.seconds) };
  const gate = { rounds: Number(values.rounds), tolerance: Number(values.tolerance) };
  const isBad =
    unknown !== undefined || !(options.runs >= 5 && options.seconds >= 1) || !(gate.rounds >= 1 && gate.tolerance > 0);
  if (values.help || isBad || (values.write && values.only !== undefined)) {
    process.stderr.write(usage);
    process.exit(values.help ? 0 : 2);
  }
  if (values.compare !== undefined) {
    const isKept = await compareWith(values.compare, { ...gate, runs: options.runs, isJson: values.json });
    process.exit(isKept ? 0 : 1);
  }
  const machine = describeMachine();
  const results = [];
  for (const name of wanted) {
    process.stderr.write(`bench: ${name} …\n`);
    const section = { name, ...(await sections[name](options)) };
    results.push(section);
    if (!values.json) process.stdout.write(asText(section));
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, sections: results }, null, 2)}\n`);
  else process.stdout.write(`\n${verdict(results)}\n`);
  if (values.write) process.stderr.write(`bench: wrote ${writeDocument(machine, results)}\n`);
}
