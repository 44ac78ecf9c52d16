import { Command } from "commander";
import { exitCode } from "../../core/errors.ts";
import { checkConfig } from "../../daemon/config/load.ts";
import { defaultConfigFile } from "../defaults.ts";
import { type Check, check, looks } from "../doctor/checks.ts";
import { print } from "../output.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Look at everything an installation needs and say what to do about what is missing.")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--camera", "open the camera too (not beside a running daemon, which owns it)")
    .option("--json", "print {checks:[{name, ok, detail}]}")
    .addHelpText(
      "after",
      "\nExit code 0: all is well, 69: something is missing, 78: configuration.\n\nExample:\n  lintel doctor --camera --config /etc/lintel/lintel.yaml",
    )
    .action(async (options: { config: string; camera?: boolean; json?: boolean }) => {
      const configured = checkConfig(options.config, process.env);
      const checks: Check[] = [];
      if (configured.ok) {
        checks.push({ name: "configuration", ok: true, detail: options.config });
        for (const look of looks({ camera: options.camera === true }))
          checks.push(await check(look, configured.config));
        process.exitCode = checks.every(({ ok }) => ok) ? exitCode.ok : exitCode.hardware;
      } else {
        const detail = configured.problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
        checks.push({ name: "configuration", ok: false, detail: `${detail} - lintel check-config says more` });
        process.exitCode = exitCode.config;
      }
      print(options, { checks }, () =>
        checks.map(({ name, ok, detail }) => `${ok ? "ok  " : "FAIL"} ${name.padEnd(14)} ${detail}`).join("\n"),
      );
    });
}
