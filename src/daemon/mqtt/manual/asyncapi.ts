import { stringify } from "yaml";
import { z } from "zod";
import { answerMessage } from "../messages.ts";
import { topicsOf } from "../topics.ts";
import { exampleDoor } from "./commands.ts";
import { type OtherChannel, otherChannels } from "./other-channels.ts";
import { type DescribedRequest, describedRequests } from "./page.ts";
import { type PublishedTopic, publishedTopics } from "./published.ts";

/**
 * The AsyncAPI 3 document of a door (https://www.asyncapi.com/docs/reference/specification/v3.0.0), from the schemas that
 * check the requests and describe what is published; kept in docs/asyncapi.yaml.
 */
export function asyncApiDocument(version: string): string {
  const parts = [
    ...publishedTopics.map(publishedPart),
    ...describedRequests().map(requestPart),
    ...otherChannels.map(otherPart),
  ];
  const document = {
    asyncapi: "3.0.0",
    info: {
      title: "Lintel",
      version,
      description: "One door over MQTT. Prose, examples and what is promised: mqtt.md beside this file.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      embedded: { host: "127.0.0.1:1883", protocol: "mqtt", description: "The broker inside the daemon (MQTT 3.1.1)." },
      own: {
        host: "broker.example:8883",
        protocol: "secure-mqtt",
        description: "A broker of yours (MQTT 5 or 3.1.1).",
      },
    },
    channels: merged(parts.map(({ channels }) => channels)),
    operations: merged(parts.map(({ operations }) => operations)),
    components: {
      parameters: { door: { default: "front", description: "`door.id` of the configuration." } },
      messages: {
        answer: { name: "answer", title: "Answer", payload: schemaOf(answerMessage, "output") },
      },
    },
  };
  return `# Generated from the daemon's own schemas by scripts/generate.mjs.\n${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}

// --- internal ---

interface Part {
  readonly channels: Readonly<Record<string, object>>;
  readonly operations: Readonly<Record<string, object>>;
}

const base = "lintel/{door}";
const exampleTopics = topicsOf(exampleDoor);
const doorParameter = { door: { $ref: "#/components/parameters/door" } };
const qos1 = (retain: boolean) => ({ mqtt: { qos: 1, retain, bindingVersion: "0.2.0" } });
const channelRef = (id: string) => ({ $ref: `#/channels/${id}` });

function publishedPart({ name, topic, isRetained, says, message, example }: PublishedTopic): Part {
  const address = exampleTopics[topic].replace(exampleTopics.base, base);
  const content =
    message === null
      ? { contentType: "image/jpeg", payload: { type: "string", format: "binary" } }
      : { payload: schemaOf(message, "output"), examples: [{ name: "example", payload: example }] };
  const messages = { [name]: { name, ...content } };
  return {
    channels: { [name]: { address, description: says, parameters: doorParameter, messages } },
    operations: {
      [`say-${name}`]: { action: "send", channel: channelRef(name), summary: says, bindings: qos1(isRetained) },
    },
  };
}

function requestPart({ handler, example }: DescribedRequest): Part {
  const id = handler.name.replace("/<id>", "").replaceAll("/", "-");
  const path = handler.name.replace("<id>", "{id}");
  const says = example?.says ?? handler.name;
  const parameters = {
    ...doorParameter,
    ...(path.includes("{id}") ? { id: { description: "Id of the person.", examples: [example?.id ?? "dana"] } } : {}),
  };
  const [request, response] = [`request-${id}`, `response-${id}`];
  return {
    channels: {
      [request]: {
        address: `${base}/request/${path}`,
        description: says,
        parameters,
        messages: { [id]: requestMessage({ handler, example }) },
      },
      [response]: {
        address: `${base}/response/${path}`,
        parameters,
        messages: { answer: { $ref: "#/components/messages/answer" } },
      },
    },
    operations: {
      [`take-${id}`]: {
        action: "receive",
        channel: channelRef(request),
        summary: says,
        bindings: qos1(false),
        reply: { channel: channelRef(response) },
      },
    },
  };
}

function requestMessage({ handler, example }: DescribedRequest) {
  const name = handler.name.replace("/<id>", "");
  if (handler.payload === "bytes") {
    return { name, contentType: "image/jpeg", payload: { type: "string", format: "binary" } };
  }
  const transaction = { type: ["string", "number"], description: "Comes back with the answer." };
  return {
    name,
    payload: withProperty(schemaOf(handler.input, "input"), "transaction", transaction),
    ...(example ? { examples: [{ name: "example", payload: example.data ?? {} }] } : {}),
  };
}

function otherPart({ name, address, says, action, isRetained, parameters, contentType, message }: OtherChannel): Part {
  const payload =
    message === null ? { type: contentType === "text/plain" ? "string" : "object" } : schemaOf(message, "input");
  const messages = { [name]: { name, ...(contentType === undefined ? {} : { contentType }), payload } };
  const verb = action === "send" ? "say" : "take";
  return {
    channels: { [name]: { address, description: says, parameters, messages } },
    operations: {
      [`${verb}-${name}`]: { action, channel: channelRef(name), summary: says, bindings: qos1(isRetained) },
    },
  };
}

/** Draft 7, which AsyncAPI's own schema objects are made of. What JSON Schema cannot say is left open. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-7", io, unrepresentable: "any" });
  return rest;
}

/** The schema with one more optional property, in each of its alternatives. */
function withProperty(schema: Readonly<Record<string, unknown>>, name: string, property: object): object {
  for (const key of ["oneOf", "anyOf"] as const) {
    const alternatives = schema[key];
    if (Array.isArray(alternatives)) {
      return { ...schema, [key]: alternatives.map((alternative) => withProperty(alternative, name, property)) };
    }
  }
  const before = typeof schema.properties === "object" ? schema.properties : {};
  return { ...schema, properties: { ...before, [name]: property } };
}

function merged(parts: readonly Readonly<Record<string, object>>[]): Readonly<Record<string, object>> {
  return Object.assign({}, ...parts);
}
