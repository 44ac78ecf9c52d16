import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { connectAsync } from "mqtt";
import { systemClock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import { type Logger, silentLogger } from "../../core/logger.ts";
import { systemTimers } from "../../core/timers.ts";
import type { LintelConfig } from "../../daemon/config/schema.ts";
import { lockText } from "../../daemon/door/lock.ts";
import { readCredentials } from "../../daemon/mqtt/credentials.ts";
import { openEngine, openGpio } from "../../hal/registry.ts";
import { ModelStore } from "../../models/store.ts";
import { connectControl } from "../control-client.ts";
import { userModelCache } from "../defaults.ts";
import { lookAtCamera } from "./look-at-camera.ts";

/** What one look found (contract: `{name, ok, detail}`); the detail of a failure says what to do. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

interface Look {
  readonly name: string;
  run(config: LintelConfig): Promise<string>;
}

const leastFreeBytes = 500 * 1024 * 1024;

/** Everything an installation needs, in the order in which it is worth mending. */
export function looks(options: { camera: boolean }): readonly Look[] {
  return [
    { name: "node", run: lookAtNode },
    { name: "disk", run: lookAtDisk },
    { name: "clock", run: lookAtClock },
    { name: "engine", run: lookAtEngine },
    { name: "gpio", run: lookAtLines },
    { name: "lock", run: async (config) => lockText(config) },
    { name: "broker", run: lookAtBroker },
    ...(options.camera ? [{ name: "camera", run: lookAtCamera }] : []),
  ];
}

export async function check(look: Look, config: LintelConfig): Promise<Check> {
  try {
    return { name: look.name, ok: true, detail: await look.run(config) };
  } catch (error) {
    const hint = error instanceof LintelError && error.hint !== undefined ? ` - ${error.hint}` : "";
    return { name: look.name, ok: false, detail: `${errorText(error)}${hint}` };
  }
}

// --- internal ---

async function lookAtNode(): Promise<string> {
  return `Node ${process.versions.node} on ${process.arch}`;
}

async function lookAtDisk({ stateDirectory }: LintelConfig): Promise<string> {
  const { bavail, bsize } = await statfs(existingParent(stateDirectory));
  const freeBytes = bavail * bsize;
  const text = `${(freeBytes / 2 ** 30).toFixed(1)} GiB free for ${stateDirectory}`;
  if (freeBytes < leastFreeBytes) throw new LintelError("LINTEL_E_STORAGE", text, { hint: "free at least 0.5 GiB" });
  return text;
}

function existingParent(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}

/** A board without a battery starts in the past; the build of this version cannot be younger than now. */
async function lookAtClock(): Promise<string> {
  const now = systemClock.date();
  if (now.getUTCFullYear() < 2026) {
    throw new LintelError("LINTEL_E_HARDWARE", `the clock says ${now.toISOString()}`, {
      hint: "wait for the network time, or set the clock: records carry it, and validity dates depend on it",
    });
  }
  return now.toISOString();
}

async function lookAtEngine(config: LintelConfig): Promise<string> {
  const cacheDirectory = config.models.cacheDirectory ?? userModelCache(process.env);
  const source = new ModelStore({ cacheDirectory, logger: silentLogger });
  const remarks: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (fields, message) => remarks.push(`${message} (${Object.values(fields).join(", ")})`),
  };
  const engine = await openEngine({ ...config.compute, source, logger });
  try {
    // Each is tested when it is opened.
    for (const name of ["blazeface", "facemesh", "dlib", "faceres"] as const) await engine.open(name);
    const worst = Math.max(...[...engine.selfTests.values()].map(({ deviation }) => deviation));
    const adapter = engine.adapter === undefined ? "" : ` (${engine.adapter})`;
    const passed = `self-test of four networks passed, off by at most ${worst.toExponential(0)} of their range`;
    const eightBit = [...engine.selfTests].filter(([, { precision }]) => precision === "int8").map(([name]) => name);
    const numbers = eightBit.length > 0 ? `${eightBit.join(" and ")} in int8` : "all in float32";
    return [`${engine.name} on ${engine.device}${adapter}, ${passed}`, numbers, ...remarks].join("; ");
  } finally {
    await engine.close();
  }
}

const driverNote: Readonly<Partial<Record<LintelConfig["gpio"]["driver"], string>>> = {
  onoff: "; the weaker driver: lines are not exclusive, and a killed guard leaves the relay to its parent; prefer cdev",
  simulated: "; a simulated chip: no real door is moved",
};

/** Beside a running daemon its word counts; without one the lines are taken for a moment, which locks the door. */
async function lookAtLines(config: LintelConfig): Promise<string> {
  const daemon = await connectControl(config.stateDirectory);
  if (daemon) {
    try {
      const health = await daemon.request("health", {});
      const lock = typeof health === "object" && health !== null && "lock" in health ? String(health.lock) : "unknown";
      if (lock === "unknown") {
        throw new LintelError("LINTEL_E_GPIO", "the daemon's relay guard does not answer", { hint: "see the log" });
      }
      return `the running daemon reads the strike as ${lock}${driverNote[config.gpio.driver] ?? ""}`;
    } finally {
      daemon.close();
    }
  }
  const lines = await openGpio(config.gpio, { onEdge: () => {}, onLost: () => {} }, { timers: systemTimers });
  try {
    if (await lines.readOutput("strike")) throw new LintelError("LINTEL_E_GPIO", "the strike reads open");
    return `${config.gpio.driver}: the strike reads locked${driverNote[config.gpio.driver] ?? ""}`;
  } finally {
    await lines.close();
  }
}

async function lookAtBroker({ mqtt, door }: LintelConfig): Promise<string> {
  if (mqtt.url === undefined) return "the embedded broker on 127.0.0.1";
  const { username, password, ca, cert, key } = readCredentials(mqtt, process.env.CREDENTIALS_DIRECTORY);
  const given = Object.entries({ username, password, ca, cert, key }).filter(([, value]) => value !== undefined);
  try {
    const client = await connectAsync(
      mqtt.url,
      {
        ...Object.fromEntries(given),
        clientId: `lintel-${door.id}-doctor`,
        connectTimeout: 5000,
        reconnectPeriod: 0,
        clean: true,
      },
      false,
    );
    await client.endAsync();
    return `${mqtt.url} accepts us`;
  } catch (error) {
    throw new LintelError("LINTEL_E_UNAVAILABLE", `${mqtt.url}: ${errorText(error)}`, {
      hint: "check the address, the credentials and mqtt.caFile; the door works without a broker",
    });
  }
}
