import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { systemClock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import { type KeyRole, keyRoles } from "../../daemon/api.ts";
import { readPublicKey } from "../../daemon/keys/public-key.ts";
import { generateKey, readSigningKey, signRequest } from "../../daemon/keys/sign.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print, table } from "../output.ts";

export interface KeysCommandDeps {
  connect(configFile: string): Promise<{
    request(name: string, data: unknown): Promise<unknown>;
    close(): Promise<void> | void;
  }>;
}

interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
}

const knownKey = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(keyRoles)),
  createdAt: z.string(),
});

/** `lintel keys …`: whose signed requests this door carries out, and signing them. */
export function keysCommand(deps: KeysCommandDeps): Command {
  return new Command("keys")
    .description("Whose signed requests the door carries out (mqtt.requests: signed), and signing them.")
    .addCommand(generateCommand())
    .addCommand(addCommand(deps))
    .addCommand(listCommand(deps))
    .addCommand(removeCommand(deps))
    .addCommand(signCommand());
}

// --- internal ---

function generateCommand(): Command {
  return new Command("generate")
    .description("Make a key: the private half into a file of yours (mode 0600), the public half to standard output.")
    .requiredOption("--out <file>", "where the private key goes; an existing file is left alone")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  lintel keys generate --out reception.jwk > reception.pub")
    .action(async (options: { out: string; json?: boolean }) => {
      const { id, privateText, publicText } = await generateKey();
      writePrivate(options.out, privateText);
      process.stderr.write(`lintel: the private key is in ${options.out}: it never leaves the machine that signs\n`);
      print(options, { id, file: options.out, publicKey: JSON.parse(publicText) }, () => publicText);
    });
}

function addCommand(deps: KeysCommandDeps): Command {
  return withConfig("add", "Make a public key known to the door. Of a private key only its public half is sent.")
    .argument("<file>", "Ed25519 key as JWK or PEM")
    .requiredOption("--name <name>", "what it is called in records")
    .requiredOption("--role <role...>", `what it may do: ${keyRoles.join(", ")}`)
    .addHelpText("after", "\nExample:\n  lintel keys add reception.pub --name reception --role open")
    .action(async (file: string, options: CommonOptions & { name: string; role: string[] }) => {
      const roles = options.role.flatMap((text) => text.split(",")).map(roleOf);
      const { x } = await readPublicKey(readText(file));
      const publicKey = JSON.stringify({ kty: "OKP", crv: "Ed25519", x });
      const answer = await request(deps, options, { name: "keys/add", data: { name: options.name, roles, publicKey } });
      const key = parse(knownKey, answer);
      print(options, key, () => `${key.name} (${key.id}) may: ${key.roles.join(", ")}`);
    });
}

function listCommand(deps: KeysCommandDeps): Command {
  return withConfig("list", "List the keys.").action(async (options: CommonOptions) => {
    const answer = await request(deps, options, { name: "keys/list", data: {} });
    const { keys } = parse(z.object({ keys: z.array(knownKey) }), answer);
    print(options, { keys }, () =>
      table([
        ["name", "id", "roles", "since"],
        ...keys.map(({ name, id, roles, createdAt }) => [name, id, roles.join(","), createdAt]),
      ]),
    );
  });
}

function removeCommand(deps: KeysCommandDeps): Command {
  return withConfig("remove", "Take a key away: its requests are refused from now on.")
    .argument("<key>", "its name or id")
    .action(async (key: string, options: CommonOptions) => {
      const removed = parse(knownKey, await request(deps, options, { name: "keys/remove", data: { key } }));
      print(options, removed, () => `${removed.name} (${removed.id}) was removed`);
    });
}

function signCommand(): Command {
  return new Command("sign")
    .description(
      "Sign one request for now: standard output is the message to publish on lintel/<door>/request/<request>.",
    )
    .argument("<request>", "for example door/unlock")
    .argument("[data]", "JSON object", "{}")
    .requiredOption("--key <file>", "private Ed25519 key, JWK or PEM")
    .requiredOption("--door <id>", "door.id of the door it is for")
    .addHelpText(
      "after",
      "\nExample:\n  lintel keys sign --key reception.jwk --door front door/unlock '{\"seconds\":5}' |\n" +
        "    mosquitto_pub -h broker -t lintel/front/request/door/unlock -q 1 -s",
    )
    .action(async (name: string, text: string, options: { key: string; door: string }) => {
      const key = await readSigningKey(readText(options.key));
      const { transaction, ...data } = dataOf(text);
      const wanted = { door: options.door, request: name, data, issuedAtMs: systemClock.date().getTime() };
      const jws = await signRequest(key, transaction === undefined ? wanted : { ...wanted, transaction });
      process.stdout.write(`${jws}\n`);
    });
}

function withConfig(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print one JSON document");
}

async function request(
  deps: KeysCommandDeps,
  { config }: CommonOptions,
  { name, data }: { name: string; data: unknown },
): Promise<unknown> {
  const client = await deps.connect(config);
  try {
    return await client.request(name, data);
  } finally {
    await client.close();
  }
}

function roleOf(text: string): KeyRole {
  const role = keyRoles.find((known) => known === text);
  if (role) return role;
  throw new LintelError("LINTEL_E_USAGE", `${JSON.stringify(text)} is no role`, {
    hint: `roles are ${keyRoles.join(", ")}`,
  });
}

const requestData = z.looseObject({ transaction: z.union([z.string().max(200), z.number()]).optional() });

function dataOf(text: string): z.output<typeof requestData> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = requestData.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LintelError("LINTEL_E_USAGE", "the data is no JSON object", { hint: "for example '{\"seconds\":5}'" });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${file}: ${errorText(error)}`, {
      hint: "name a key file that you may read",
      cause: error,
    });
  }
}

function writePrivate(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new LintelError("LINTEL_E_USAGE", `cannot write ${file}: ${errorText(error)}`, {
      hint: "name a new file in a directory of yours",
      cause: error,
    });
  }
}

function parse<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new LintelError("LINTEL_E_UNAVAILABLE", "the daemon answered in a way this command does not understand", {
    hint: "use the lintel command of the same version as the daemon",
  });
}
