import { Command } from "commander";
import { LintelError } from "../../../core/errors.ts";
import type { EventRecord } from "../../../daemon/api.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import { toRecord } from "../../../daemon/events/event-store.ts";
import { openEventReader } from "../../../daemon/events/reader.ts";
import { defaultConfigFile } from "../../defaults.ts";
import { print, table } from "../../output.ts";

interface TailOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly count: number;
  readonly follow?: boolean;
}

const maxCount = 10_000;
const lookEveryMs = 500;

export function tailCommand(): Command {
  return new Command("tail")
    .description("The newest events.")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print {events:[…]}")
    .option("-n, --count <n>", `how many, at most ${maxCount}`, readCount, 20)
    .option("-f, --follow", "go on with each event that is written, until Ctrl-C")
    .addHelpText("after", "\nExample:\n  lintel events tail -n 50 --follow")
    .action(async (options: TailOptions) => {
      if (options.json && options.follow) {
        throw new LintelError("LINTEL_E_USAGE", "--json prints one document, so it cannot follow", {
          hint: "leave one out, or subscribe to the MQTT topic event",
        });
      }
      await tail(options);
    });
}

// --- internal ---

async function tail(options: TailOptions): Promise<void> {
  const reader = openEventReader(loadConfig(options.config, process.env).stateDirectory);
  try {
    const { store } = reader;
    const newest = store.newest()?.seq ?? 0;
    const events = store.after(newest - options.count, options.count).map(toRecord);
    print(options, { events }, () => table(events.map(cells)));
    let last = events.at(-1)?.seq ?? newest;
    while (options.follow) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      const more = store.after(last, 1000).map(toRecord);
      if (more.length > 0) process.stdout.write(`${table(more.map(cells))}\n`);
      last = more.at(-1)?.seq ?? last;
    }
  } finally {
    reader.close();
  }
}

function cells({ seq, time, type, hash: _hash, ...fields }: EventRecord): readonly string[] {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  return [String(seq), time, type, details.join(" ")];
}

/** What stands in an event came from outside: nothing of it may steer the terminal. JSON escapes C0, this the rest. */
function shown(value: unknown): string {
  const text = typeof value === "string" && /^[\w.:-]+$/.test(value) ? value : JSON.stringify(value);
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= maxCount) return count;
  throw new LintelError("LINTEL_E_USAGE", `--count must be a whole number from 1 to ${maxCount}`, {
    hint: "lintel events export writes all of them",
  });
}
