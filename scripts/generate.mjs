// Writes what is generated from the source: config/lintel.schema.json, docs/asyncapi.yaml and the lists in docs/mqtt.md.
// Tests fail when one of them is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { configJsonSchema } from "../dist/daemon/config/json-schema.js";
import { asyncApiDocument } from "../dist/daemon/mqtt/manual/asyncapi.js";
import { renewPage } from "../dist/daemon/mqtt/manual/page.js";

const at = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), "utf8");

writeFileSync(at("config/lintel.schema.json"), configJsonSchema());
writeFileSync(at("docs/asyncapi.yaml"), asyncApiDocument(JSON.parse(read("package.json")).version));
writeFileSync(at("docs/mqtt.md"), renewPage(read("docs/mqtt.md")));
