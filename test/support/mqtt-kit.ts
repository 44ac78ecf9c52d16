import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";

/** A broker of its own process and clients that wait for what they expect, for the tests of everything that speaks MQTT. */

export const hasMosquitto = existsSync("/usr/sbin/mosquitto");
export const mosquittoReason = hasMosquitto ? "" : " (left out: the Debian package mosquitto is not installed)";
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
export const hasTls = hasMosquitto && hasOpenssl;

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  server.close();
  await once(server, "close");
  return address.port;
}

/** Resolves when the condition holds; looks at it again whenever the event loop turns. Rejects at the deadline. */
export async function until(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface SeenMessage {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
}

/** A client that keeps all it sees. */
export class Onlooker {
  readonly seen: SeenMessage[] = [];
  readonly client: MqttClient;

  constructor(client: MqttClient) {
    this.client = client;
    client.on("error", () => {});
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    client.on("message", (topic, payload, packet) => {
      this.seen.push({ topic, text: payload.toString("utf8"), packet });
    });
  }

  static async connect(url: string, options: IClientOptions = {}, filter = "lintel/#"): Promise<Onlooker> {
    const onlooker = new Onlooker(await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 50, ...options }));
    await onlooker.client.subscribeAsync(filter, { qos: 1 });
    return onlooker;
  }

  on(topic: string): SeenMessage[] {
    return this.seen.filter((message) => message.topic === topic);
  }

  async waitFor(
    topic: string,
    matches: (text: string) => boolean = () => true,
    deadlineMs = 10_000,
  ): Promise<SeenMessage> {
    const find = () => this.on(topic).find((message) => matches(message.text));
    await until(`a message on ${topic}`, () => find() !== undefined, deadlineMs);
    const found = find();
    if (!found) throw new Error("gone");
    return found;
  }

  /** Publishes and gives the answer that carries this transaction. */
  async ask(base: string, name: string, data: object = {}): Promise<Record<string, unknown>> {
    const transaction = `t${this.seen.length}-${Math.random()}`;
    await this.client.publishAsync(`${base}/request/${name}`, JSON.stringify({ ...data, transaction }), { qos: 1 });
    const answer = await this.waitFor(`${base}/response/${name}`, (text) => text.includes(transaction));
    return JSON.parse(answer.text) as Record<string, unknown>;
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}

export interface MosquittoOptions {
  readonly port?: number;
  /** Lines added to the configuration; `{dir}` stands for the broker's directory. */
  readonly extra?: readonly string[];
  /** Files put into the directory first. */
  readonly files?: Readonly<Record<string, string>>;
}

/** mosquitto as its own process on a free port of 127.0.0.1; `kill` is SIGKILL, `start` brings it back on the same port. */
export class Mosquitto {
  readonly directory = mkdtempSync(join(tmpdir(), "lintel-mosquitto-"));
  readonly port: number;
  readonly #config: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, options: MosquittoOptions) {
    this.port = port;
    this.#config = join(this.directory, "mosquitto.conf");
    // Started as root, the broker gives its rights up for a user that must be able to read its files.
    chmodSync(this.directory, 0o755);
    for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(this.directory, name), text);
    const extra = options.extra ?? ["allow_anonymous true"];
    const lines = [`listener ${port} 127.0.0.1`, "set_tcp_nodelay true", "max_queued_messages 0", ...extra];
    writeFileSync(this.#config, `${lines.join("\n").replaceAll("{dir}", this.directory)}\n`);
  }

  static async make(options: MosquittoOptions = {}): Promise<Mosquitto> {
    return new Mosquitto(options.port ?? (await freePort()), options);
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = spawn("/usr/sbin/mosquitto", ["-c", this.#config], { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text) => {
      errors += text;
    });
    this.#process = child;
    const endMs = performance.now() + 10_000;
    while (!(await isListening(this.port))) {
      if (child.exitCode !== null || performance.now() > endMs) throw new Error(`mosquitto did not start: ${errors}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connectTcp(port, "127.0.0.1");
  const result = await Promise.race([
    once(socket, "connect").then(() => true),
    new Promise<boolean>((resolve) => socket.once("error", () => resolve(false))),
  ]).catch(() => false);
  socket.destroy();
  return result;
}

/** A certificate authority, a server certificate for 127.0.0.1 and a password file, made with openssl and mosquitto_passwd. */
export function makeTlsFiles(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const run = (command: string, ...args: string[]) => {
    const result = spawnSync(command, args, { cwd: directory, encoding: "utf8" });
    if (result.status !== 0) throw new Error(`${command}: ${result.stderr}`);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  run("openssl", "req", "-x509", ...key, "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem");
  run("openssl", "req", ...key, "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr");
  writeFileSync(join(directory, "san"), "subjectAltName=IP:127.0.0.1");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san"];
  run("openssl", "x509", "-req", "-in", "server.csr", ...signing, "-out", "server.pem");
  run("mosquitto_passwd", "-c", "-b", "passwords", "door", "door-secret");
  run("mosquitto_passwd", "-b", "passwords", "stranger", "stranger-secret");
  for (const name of ["server.key", "passwords"]) chmodSync(join(directory, name), 0o644);
}
