import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { asyncApiDocument } from "../../../src/daemon/mqtt/manual/asyncapi.ts";
import { requestExamples } from "../../../src/daemon/mqtt/manual/examples.ts";
import { otherChannels } from "../../../src/daemon/mqtt/manual/other-channels.ts";
import { renewPage } from "../../../src/daemon/mqtt/manual/page.ts";
import { publishedTopics } from "../../../src/daemon/mqtt/manual/published.ts";
import { requestHandlers } from "../../../src/daemon/requests/table.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };
// The schema brings its own copy of draft 7.
const ajvOptions = { meta: false, validateSchema: false, strict: false, validateFormats: false };
const served = requestHandlers.filter(({ isLocal }) => !isLocal);

describe("the MQTT manual", () => {
  it("has an example for every request that is served over MQTT, and for no other", () => {
    expect(Object.keys(requestExamples).sort()).toEqual(served.map(({ name }) => name).sort());
  });

  it.each(served.filter(({ payload }) => payload === "json"))(
    "shows $name with data that the door takes",
    (handler) => {
      const text = JSON.stringify(requestExamples[handler.name]?.data ?? {}).replaceAll(/"@[\w.-]+"/g, '"/9j/"');
      expect(handler.input.safeParse(JSON.parse(text)).error).toBeUndefined();
    },
  );

  it.each(publishedTopics.filter(({ message }) => message !== null))("shows a true sample of $name", (published) => {
    expect(published.message?.safeParse(published.example).error).toBeUndefined();
  });

  it("is up to date with the requests and topics (node scripts/generate.mjs)", () => {
    expect(read("docs/mqtt.md")).toBe(renewPage(read("docs/mqtt.md")));
  });

  it("refuses a page whose markers are gone instead of writing beside them", () => {
    expect(() => renewPage("# MQTT\n")).toThrow(/markers/);
  });
});

describe("the AsyncAPI document", () => {
  const text = read("docs/asyncapi.yaml");
  const document = parse(text) as {
    channels: Record<string, { address: string | null }>;
    operations: Record<string, { action: string; reply?: object }>;
  };

  it("is up to date with the schemas (node scripts/generate.mjs)", () => {
    expect(text).toBe(asyncApiDocument(version));
  });

  it("is an AsyncAPI 3.0.0 document by AsyncAPI's own schema", () => {
    const require = createRequire(import.meta.url);
    const schema = JSON.parse(readFileSync(require.resolve("@asyncapi/specs/schemas/3.0.0.json"), "utf8")) as object;
    const ajv = new Ajv(ajvOptions);
    const validate = ajv.compile(schema);
    validate(document);
    expect(validate.errors).toBeNull();
  });

  it("would be refused by that schema with a channel left out", () => {
    const require = createRequire(import.meta.url);
    const schema = JSON.parse(readFileSync(require.resolve("@asyncapi/specs/schemas/3.0.0.json"), "utf8")) as object;
    const validate = new Ajv(ajvOptions).compile(schema);
    expect(validate({ ...document, operations: { broken: { action: "send" } } })).toBe(false);
  });

  it("has every request with its answer, and every topic", () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    for (const { name } of served) {
      const path = name.replace("<id>", "{id}");
      expect(addresses).toContain(`lintel/{door}/request/${path}`);
      expect(addresses).toContain(`lintel/{door}/response/${path}`);
    }
    const operations = Object.values(document.operations);
    const said = otherChannels.filter(({ action }) => action === "send").length + publishedTopics.length;
    expect(operations.filter(({ action }) => action === "send")).toHaveLength(said);
    expect(operations.filter(({ reply }) => reply !== undefined)).toHaveLength(served.length);
  });

  it("refers to nothing that is not in it", () => {
    const references = [...text.matchAll(/\$ref: "?#\/([^"\s]+)/g)].map(([, path = ""]) => path.split("/"));
    expect(references.length).toBeGreaterThan(50);
    for (const path of references) {
      const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect([path.join("/"), found === undefined]).toEqual([path.join("/"), false]);
    }
  });
});
