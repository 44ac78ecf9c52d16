// Writes what is generated from the source: config/lintel.schema.json. A test fails when it is out of date.
import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../dist/daemon/config/json-schema.js";

writeFileSync(new URL("../config/lintel.schema.json", import.meta.url), configJsonSchema());
