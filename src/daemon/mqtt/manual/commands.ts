import { topicsOf } from "../topics.ts";
import type { RequestExample } from "./examples.ts";
import type { PublishedTopic } from "./published.ts";

/** The examples of the manual as commands of the mosquitto clients, exactly as somebody types them. */

export const exampleDoor = "front";
const topics = topicsOf(exampleDoor);

/** Takes one message of the topic and ends. */
export function subscribeCommand({ topic, message }: PublishedTopic): string {
  const end = message === null ? " -N > picture.jpg" : "";
  return `mosquitto_sub -t ${topics[topic]} -C 1${end}`;
}

/** `people/photo/robin` from `people/photo/<id>`. */
export function exampleName(name: string, { id }: RequestExample): string {
  return id === undefined ? name : name.replace("<id>", id);
}

/** Sends the request. Throws for data with a quotation mark that the shell would misread. */
export function publishCommand(name: string, example: RequestExample): string {
  const command = `mosquitto_pub -q 1 -t ${topics.requestTopic(exampleName(name, example))}`;
  if (example.file !== undefined) return `${command} -f ${example.file}`;
  const json = JSON.stringify(example.data ?? {});
  if (/['%\\]/.test(json)) throw new Error(`the example of ${name} would need quoting`);
  const files = [...json.matchAll(/"@([\w.-]+)"/g)].map(([, file]) => `"$(base64 -w 0 ${file})"`);
  if (files.length === 0) return `${command} -m '${json}'`;
  return `printf '${json.replaceAll(/"@[\w.-]+"/g, '"%s"')}' ${files.join(" ")} |\n  ${command} -s`;
}
