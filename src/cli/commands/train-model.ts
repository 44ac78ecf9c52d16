import { type Command, Option } from "commander";
import { Command as Subcommand } from "commander";
