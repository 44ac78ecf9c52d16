import { Command } from "commander";
import { exitCode, LintelError } from "../../core/errors.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import { readAuditKey } from "../../daemon/events/audit-key.ts";
import type { Link } from "../../daemon/events/chain.ts";
import { openEventReader } from "../../daemon/events/reader.ts";
import { type ChainReport, verifyChain } from "../../daemon/events/verify.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print } from "../output.ts";
import { exportCommand } from "./events/export.ts";
import { tailCommand } from "./events/tail.ts";

/**
 * `lintel events …` reads the database through a connection of its own that cannot write, so that it needs no daemon,
 * works beside one, and costs it nothing.
 */
export function eventsCommand(): Command {
  return new Command("events")
    .description("The audit log: look at it, verify it, export it.")
    .addCommand(tailCommand())
    .addCommand(verifyCommand())
    .addCommand(exportCommand());
}

// --- internal ---

interface VerifyOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly head?: Link;
  readonly key?: readonly string[];
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("Follow the hash chain and find the first event that is altered, missing or out of place.")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print {events, ok, brokenAt, reason, head, removedThrough}")
    .option("--head <seq:hash>", "a head or an event's hash that was published: the log must still hold it", readLink)
    .option("--key <public...>", "public keys (audit.key in health) that sign checkpoints; default: the daemon's")
    .addHelpText("after", "\nExit codes: 0 the chain holds, 1 it is broken.\n\nExample:\n  lintel events verify")
    .action((options: VerifyOptions) => {
      const report = verify(options);
      print(options, report, () => reportText(report));
      if (!report.ok) process.exitCode = exitCode.no;
    });
}

function verify({ config, head, key }: VerifyOptions): ChainReport {
  const { stateDirectory } = loadConfig(config, process.env);
  const reader = openEventReader(stateDirectory);
  try {
    const place = { stateDirectory, credentialsDirectory: process.env.CREDENTIALS_DIRECTORY };
    const trustedKeys = key ?? [readAuditKey(place)?.publicKey].filter((found) => found !== undefined);
    if (trustedKeys.length === 0 && reader.store.checkpoints().length > 0) {
      throw new LintelError(
        "LINTEL_E_KEY_MISSING",
        "old events were removed, but the key that signed for it is missing",
        {
          hint: "name its public half with --key; health has shown it as audit.key",
        },
      );
    }
    return verifyChain({ store: reader.store, trustedKeys, expected: head }, progressOn(process.stderr));
  } finally {
    reader.close();
  }
}

/** `SEQ:HASH`, as published in health and in each event. */
function readLink(text: string): Link {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash: hash.toLowerCase() };
  throw new LintelError("LINTEL_E_USAGE", "--head must be a number and a hash of 64 hexadecimal digits", {
    hint: "for example --head 1234:9f86d081…, from audit.seq and audit.hash of health",
  });
}

/** Every quarter million events, to a terminal only. */
function progressOn(output: NodeJS.WriteStream): (checked: number) => void {
  let next = 250_000;
  return (checked) => {
    if (!output.isTTY || checked < next) return;
    next += 250_000;
    output.write(`lintel: ${checked} events\n`);
  };
}

const reasons: Readonly<Record<string, string>> = {
  altered: "was altered",
  missing: "is missing",
  unchained: "does not belong there",
  checkpoint: "is covered by a checkpoint that is not genuine",
  head: "is not what was published",
};

function reportText({ events, ok, brokenAt, reason, head, removedThrough }: ChainReport): string {
  const removed = removedThrough > 0 ? `; 1 to ${removedThrough} were removed by age, under a signed checkpoint` : "";
  if (ok) return `the chain holds: ${events} events${removed}\nhead ${head.seq}:${head.hash}`;
  const what = reasons[reason ?? ""] ?? "breaks the chain";
  return `BROKEN: event ${brokenAt} ${what}\nthe chain holds up to ${head.seq}:${head.hash}`;
}
