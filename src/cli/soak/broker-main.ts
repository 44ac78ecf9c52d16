import { createServer } from "node:net";
import { Aedes } from "aedes";
import { z } from "zod";
import { writeJsonLine } from "../../core/json-lines.ts";

/**
 * A broker that can be killed: `node broker-main.js PORT TOPIC`. Whatever is published on the topic is said on standard
 * output before it is acknowledged, so that whoever reads it knows what the door may believe to be delivered. It ends when
 * its input closes.
 */
const [port, topic] = process.argv.slice(2);
const event = z.object({ seq: z.int(), hash: z.string() });

const aedes = await Aedes.createBroker();
aedes.authorizePublish = (_client, packet, callback) => {
  if (packet.topic === topic) {
    const found = event.safeParse(parsed(String(packet.payload)));
    writeJsonLine(process.stdout, found.success ? found.data : { seq: -1, hash: "unreadable" });
  }
  callback(null);
};
const server = createServer((socket) => {
  socket.setNoDelay(true);
  aedes.handle(socket);
});
server.listen({ host: "127.0.0.1", port: Number(port), exclusive: true }, () => {
  writeJsonLine(process.stdout, { ready: true });
});
process.stdin.on("close", () => process.exit(0)).resume();

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
