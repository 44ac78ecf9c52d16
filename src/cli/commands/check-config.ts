import { Command } from "commander";
import { exitCode } from "../../core/errors.ts";
import { checkConfig } from "../../daemon/config/load.ts";
import { print } from "../output.ts";

export function checkConfigCommand(): Command {
  return new Command("check-config")
    .description("Read a configuration and report every mistake in it at once.")
    .argument("<file>", "the YAML file")
    .option("--json", "print {ok, errors:[{path, message, hint}]}")
    .addHelpText("after", "\nExample:\n  lintel check-config /etc/lintel/lintel.yaml")
    .action((file: string, options: { json?: boolean }) => {
      const result = checkConfig(file, process.env);
      const errors = result.ok ? [] : result.problems;
      print(options, { ok: result.ok, errors }, () =>
        result.ok
          ? `${file}: ok`
          : errors.map(({ path, message, hint }) => `${path || file}: ${message}\n    ${hint}`).join("\n"),
      );
      if (!result.ok) process.exitCode = exitCode.config;
    });
}
