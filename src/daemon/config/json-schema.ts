import { z } from "zod";
import { lintelConfig } from "./schema.ts";

/** The JSON schema of the configuration as written (defaults optional), for editors; kept in `config/lintel.schema.json`. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(lintelConfig, { io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ title: "Lintel configuration", ...schema }, null, 2)}\n`;
}
