import { framesPerSecond, type RehearsedLevel } from "./rehearse.ts";
import { type DenialRow, inTimeMs, type LivenessReport, type MaterialReport, type Rate } from "./report.ts";

/** The simulated part for people, without a heading. */
export function simulatedMarkdown(
  report: NonNullable<LivenessReport["simulated"]>,
  level: RehearsedLevel = "passive",
): string {
  return [
    headline(report, "simulated"),
    `${report.seeds} seeds a species at ${framesPerSecond} pictures a second, level \`${level}\` without the network cue. Every visitor counts as recognised, so that liveness alone stands between them and the door; the display asks as the door's does. Times run from the moment in which the door finds that somebody wants in (near and frontal for 0.4 s) to the verdict; the prompt, the 0.4 to 0.8 s until people react and their turn are in it. **The depth of a simulated head is that of the landmark network which also judges it.** Repeat with \`lintel liveness report --seeds ${report.seeds}${level === "active" ? " --level active" : ""}\`.`,
    ...(level === "active" ? [challengeWords] : []),
    tables(report, level),
    ...seedsOf(report),
  ].join("\n\n");
}

/** The real part. */
export function realMarkdown(report: NonNullable<LivenessReport["real"]>): string {
  return [
    headline(report, "real"),
    `Recordings, judged as they are: nobody is asked for anything. Level \`passive\` ${report.networkCue ? "with" : "without"} the network cue.`,
    tables(report, "passive"),
  ].join("\n\n");
}

export function reportMarkdown(report: LivenessReport): string {
  return [
    ...(report.real ? [`## Real recordings\n\n${realMarkdown(report.real)}`] : []),
    ...(report.simulated ? [`## Simulated\n\n${simulatedMarkdown(report.simulated, report.level)}`] : []),
  ].join("\n\n");
}

// --- internal ---

function headline({ worst }: MaterialReport, material: string): string {
  if (worst === null) return `No ${material} attack was judged.`;
  const { apcer } = worst;
  return `Worst ${material} species: **${worst.species}**, APCER ${percent(apcer.rate)} (${apcer.count} of ${apcer.n} would have opened the door; 95 %: ${bounds(apcer)}).`;
}

const challengeWords =
  "The display works, its steps are acknowledged 0.06 s after they are sent, and for faces in the dark it is a lamp (a tenth of an office's light on a face at 0.8 m, as of a white screen of 13 inches). People do what they are asked, and whoever wears the mask turns it and looks up with it as asked; pictures are held and tilted as at `passive`, and recordings show a head that turns all the time, or (`loop-replay`) all that a challenge may ask for, again and again. Whoever fails every challenge of a track is counted as judged spoof, people too.";

function tables({ attacks, genuine, denials }: MaterialReport, level: RehearsedLevel): string {
  const attackRows = attacks.map(({ species, apcer, spoof, none }) => [
    species,
    apcer.n,
    apcer.count,
    percent(apcer.rate),
    bounds(apcer),
    spoof,
    none,
    apcer.count > 0 ? "**passes**" : "no",
  ]);
  const genuineRows = genuine.map(({ kind, live, bpcer, nonResponse, liveAfterMs, inTime }) => [
    ...[kind, bpcer.n, live, `${percent(bpcer.rate)} (${bounds(bpcer)})`],
    ...[`${percent(nonResponse.rate)} (${bounds(nonResponse)})`],
    liveAfterMs === null ? "-" : `${seconds(liveAfterMs.p50)} / ${seconds(liveAfterMs.p95)}`,
    ...(level === "active" ? [`${percent(inTime.rate)} (${bounds(inTime)})`] : []),
  ]);
  const attackHead = [
    "attack",
    "n",
    "judged live",
    "APCER",
    "95 %",
    "judged spoof",
    "no verdict",
    `passes \`${level}\``,
  ];
  const genuineHead = [
    "person",
    "n",
    "judged live",
    "BPCER (95 %)",
    "non-response (95 %)",
    "time to `live`, p50 / p95",
    ...(level === "active" ? [`in within ${seconds(inTimeMs)} (95 %)`] : []),
  ];
  return [
    ...(attacks.length > 0 ? [table(attackHead, attackRows)] : []),
    ...(genuine.length > 0 ? [table(genuineHead, genuineRows), denialTable(denials)] : []),
  ].join("\n\n");
}

/** Whom each cue denied who should not have been. */
function denialTable(denials: readonly DenialRow[]): string {
  const rows = denials.map(({ cue, denied }) => [cue, denied.n, denied.count, percent(denied.rate), bounds(denied)]);
  return table(["cue that may deny", "people", "denied", "share", "95 %"], rows);
}

/** Which seeds of the attacks passed, to look at again. */
function seedsOf({ judgedLive, attacks }: MaterialReport): string[] {
  const kinds = [...new Set(judgedLive.map(({ kind }) => kind))];
  if (kinds.length === 0) return [];
  const lists = kinds.map((kind) => {
    const seeds = judgedLive.filter((trial) => trial.kind === kind).map(({ source }) => source);
    const isEvery = attacks.some(({ species, apcer }) => species === kind && apcer.n === seeds.length);
    return `${kind} ${isEvery && seeds.length > 1 ? "every one" : seeds.join(", ")}`;
  });
  return [`Judged live, by seed: ${lists.join("; ")}.`];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

function bounds({ interval: [low, high] }: Rate): string {
  return `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
