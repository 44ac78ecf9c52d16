import { closeSync, openSync, writeSync } from "node:fs";
import { Command, Option } from "commander";
import { errorText, exitCode, LintelError } from "../../../core/errors.ts";
import type { EventRecord } from "../../../daemon/api.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import { toRecord } from "../../../daemon/events/event-store.ts";
import { type ExportFormat, exportHeader, exportLine } from "../../../daemon/events/export.ts";
import { type EventReader, openEventReader } from "../../../daemon/events/reader.ts";
import { defaultConfigFile } from "../../defaults.ts";

interface ExportOptions {
  readonly config: string;
  readonly format: ExportFormat;
  readonly out?: string;
  readonly from: number;
  readonly since?: string;
  readonly until?: string;
  readonly person?: string;
}

const readAtOnce = 1000;
const progressEvery = 100_000;

export function exportCommand(): Command {
  return new Command("export")
    .description("Write the events out, oldest first: JSON Lines as they are published, or CSV for a spreadsheet.")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .addOption(new Option("--format <format>", "jsonl or csv").choices(["jsonl", "csv"]).default("jsonl"))
    .option("--out <file>", "a new file, for its owner only; default: standard output")
    .option("--from <seq>", "first number", readSeq, 0)
    .option("--since <time>", "events of this time and later, such as 2031-05-01T00:00:00Z", readTime)
    .option("--until <time>", "events before this time", readTime)
    .option("--person <id>", "events that name this person")
    .addHelpText("after", "\nExample:\n  lintel events export --format csv --since 2031-05-01 --out may.csv")
    .action(async (options: ExportOptions) => {
      const reader = openEventReader(loadConfig(options.config, process.env).stateDirectory);
      try {
        await exportTo(reader, options);
      } finally {
        reader.close();
      }
    });
}

// --- internal ---

interface Output {
  write(text: string): Promise<void>;
  close(): void;
}

async function exportTo({ store }: EventReader, options: ExportOptions): Promise<void> {
  const output = options.out === undefined ? standardOutput() : newFile(options.out);
  let written = 0;
  let looked = 0;
  try {
    await output.write(exportHeader(options.format));
    let last = options.from - 1;
    for (let rows = store.after(last, readAtOnce); rows.length > 0; rows = store.after(last, readAtOnce)) {
      const events = rows.map(toRecord).filter((event) => isWanted(event, options));
      if (events.length > 0) await output.write(events.map((event) => exportLine(event, options.format)).join(""));
      last = rows.at(-1)?.seq ?? last;
      written += events.length;
      if (Math.floor((looked + rows.length) / progressEvery) > Math.floor(looked / progressEvery)) {
        process.stderr.write(`lintel: ${looked + rows.length} events read\n`);
      }
      looked += rows.length;
    }
  } finally {
    output.close();
  }
  process.stderr.write(`lintel: ${written} events written\n`);
}

function isWanted(event: EventRecord, { since, until, person }: ExportOptions): boolean {
  if (since !== undefined && event.time < since) return false;
  if (until !== undefined && event.time >= until) return false;
  return person === undefined || event.person === person;
}

/** Waits while the reader of the pipe is slow; a reader that has seen enough (`head`) ends us without a complaint. */
function standardOutput(): Output {
  let leave: (error: Error) => void = () => {};
  process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") process.exit(exitCode.ok);
    leave(error);
  });
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        leave = (error) => {
          reject(new LintelError("LINTEL_E_STORAGE", `cannot write: ${errorText(error)}`, { cause: error }));
        };
        process.stdout.write(text, (error) => {
          if (!error) resolve();
        });
      }),
    close: () => {},
  };
}

function newFile(path: string): Output {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    throw new LintelError("LINTEL_E_USAGE", `cannot create ${path}: ${errorText(error)}`, {
      hint: "name a file that is not there yet, in a folder that you may write",
      cause: error,
    });
  }
  return {
    write: async (text) => {
      const bytes = Buffer.from(text, "utf8");
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    },
    close: () => closeSync(file),
  };
}

function readSeq(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new LintelError("LINTEL_E_USAGE", "--from must be the number of an event", { hint: "a whole number" });
}

function readTime(text: string): string {
  const ms = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new LintelError("LINTEL_E_USAGE", `${text} is no time`, { hint: "for example 2031-05-01T00:00:00Z" });
}
