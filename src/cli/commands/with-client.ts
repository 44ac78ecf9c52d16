import { Command } from "commander";
import type { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { defaultConfigFile } from "../defaults.ts";

/** Carries out one request: in the daemon that runs, or on its database when none does. Refusals throw LintelErrors. */
export interface RequestClient {
  /** `onProgress` hears what happens before the answer, where the request takes its time. */
  request(name: string, data: unknown, onProgress?: (data: unknown) => void): Promise<unknown>;
  close(): Promise<void> | void;
}

export interface ClientDeps {
  connect(configFile: string): Promise<RequestClient>;
}

export interface ClientOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print one JSON document");
}

export async function withClient<T>(
  deps: ClientDeps,
  { config }: ClientOptions,
  work: (client: RequestClient) => Promise<T>,
): Promise<T> {
  const client = await deps.connect(config);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

export function parse<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new LintelError("LINTEL_E_UNAVAILABLE", "the daemon answered in a way this command does not understand", {
    hint: "use the lintel command of the same version as the daemon",
  });
}
