import { EventEmitter } from "node:events";
import type { MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { ClientSession } from "../../../../src/daemon/mqtt/session.ts";

/** The library's client as far as a session uses it; acknowledgements come when the test says so. */
class ScriptedClient extends EventEmitter {
  readonly sent: string[] = [];
  readonly #answers: ((error?: Error) => void)[] = [];

  publishAsync(topic: string): Promise<void> {
    this.sent.push(topic);
    return new Promise((resolve, reject) => this.#answers.push((error) => (error ? reject(error) : resolve())));
  }

  answer(error?: Error): void {
    this.#answers.shift()?.(error);
  }
}

function open(receiveMaximum: number) {
  const client = new ScriptedClient();
  return { client, session: new ClientSession(client as unknown as MqttClient, 5, receiveMaximum) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("no more messages are on their way than the broker takes, and the order is kept", async () => {
  const { client, session } = open(2);
  const published = ["a", "b", "c", "d"].map((topic) => session.publish(topic, ""));
  await settle();
  expect(client.sent).toEqual(["a", "b"]);
  client.answer();
  await settle();
  const late = session.publish("e", "");
  expect(client.sent).toEqual(["a", "b", "c"]);
  for (let i = 0; i < 4; i++) {
    client.answer();
    await settle();
  }
  expect(client.sent).toEqual(["a", "b", "c", "d", "e"]);
  await Promise.all([...published, late]);
});

test("a message that the broker refuses makes room for the next", async () => {
  const { client, session } = open(1);
  const refused = session.publish("a", "");
  const next = session.publish("b", "");
  client.answer(new Error("not authorized"));
  await expect(refused).rejects.toThrow("not authorized");
  await settle();
  client.answer();
  await next;
  expect(client.sent).toEqual(["a", "b"]);
});

test("with the connection everything unanswered is lost, also what was not sent yet", async () => {
  const { client, session } = open(1);
  const both = [session.publish("a", ""), session.publish("b", "")];
  session.lose();
  for (const publish of both) await expect(publish).rejects.toThrow("connection lost");
  await expect(session.publish("c", "")).rejects.toThrow("connection lost");
  client.answer();
  await settle();
  expect(client.sent).toEqual(["a"]);
});
