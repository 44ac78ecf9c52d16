import { Command } from "commander";
import { exitCode } from "../../core/errors.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import { TrainedStore } from "../../daemon/people/trained-store.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print } from "../output.ts";
import { adapterCommand, headCommand } from "./train/model.ts";
import { siameseCommand } from "./train/siamese.ts";

/** `lintel train`: what can be learnt from photographs of people in folders. */
export function trainCommand(): Command {
  return new Command("train")
    .description(
      "Learn from labelled photographs: an adapter or a verification head for this door, or a network from scratch.",
    )
    .addCommand(adapterCommand())
    .addCommand(headCommand())
    .addCommand(siameseCommand())
    .addCommand(showCommand())
    .addCommand(rollbackCommand())
    .addHelpText(
      "after",
      [
        "",
        "Photographs lie in one folder for each person: DIR/dana/1.jpg, DIR/dana/2.jpg, DIR/erik/a.png.",
        "",
        "Examples:",
        "  lintel train adapter ./staff-photos",
        "  lintel train head ./staff-photos --form chi-square --json",
        "  lintel train adapter ./staff-photos --activate --config /etc/lintel/lintel.yaml",
        "  lintel train siamese ./staff-photos --out ./siamese",
        "  lintel train siamese ./staff-photos --out ./siamese --resume",
        "  lintel train rollback",
      ].join("\n"),
    );
}

// --- internal ---

function doorCommand(name: string): Command {
  return new Command(name)
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print one JSON document");
}

interface DoorOptions {
  readonly config: string;
  readonly json?: boolean;
}

function storeOf({ config }: DoorOptions): TrainedStore {
  return new TrainedStore(loadConfig(config, process.env).stateDirectory);
}

function showCommand(): Command {
  return doorCommand("show")
    .description("The trained model in force at this door. Exit code 1 without one.")
    .addHelpText("after", "\nExample:\n  lintel train show")
    .action((options: DoorOptions) => {
      const active = storeOf(options).active();
      const answer = active && { sha256: active.sha256, kind: active.model.kind, ...active.about };
      print(options, { active: answer }, () =>
        answer === null
          ? "none: faces are compared as out of the box"
          : `${answer.kind} ${answer.sha256.slice(0, 12)}, ${answer.madeAt}, ${answer.people} people: ${answer.trial}`,
      );
      if (active === null) process.exitCode = exitCode.no;
    });
}

function rollbackCommand(): Command {
  return doorCommand("rollback")
    .description("Return to what was in force before the trained model. Exit code 1 when none is in force.")
    .addHelpText("after", "\nRestart the daemon and calibrate afterwards.\n\nExample:\n  lintel train rollback")
    .action(async (options: DoorOptions) => {
      const back = await storeOf(options).rollBack();
      print(options, back === false ? { from: null, to: null } : back, () =>
        back === false
          ? "no trained model is in force"
          : `${back.from.slice(0, 12)} is out; now ${back.to?.slice(0, 12) ?? "as out of the box"}. Restart lintel, then: lintel calibrate`,
      );
      if (back === false) process.exitCode = exitCode.no;
    });
}
