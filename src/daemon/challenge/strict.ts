import { LintelError } from "../../core/errors.ts";
import { InstalledModels } from "../../models/installed.ts";
import { antiSpoofNames } from "../../models/optional.ts";
import type { LintelConfig } from "../config/schema.ts";
import { photoSettingsOf } from "../vision-settings.ts";

/**
 * The level `strict` needs both anti-spoofing networks. Throws `LINTEL_E_CONFIG` when one is missing or damaged: the door is never
 * watched at a weaker level than it was told.
 */
export async function requireNetworksOfLevel(config: LintelConfig): Promise<void> {
  if (config.liveness.level !== "strict") return;
  const store = new InstalledModels({ cacheDirectory: photoSettingsOf(config).modelCacheDirectory });
  const problems: string[] = [];
  for (const name of antiSpoofNames) {
    const state = await store.state(name);
    if (state.kind === "absent") problems.push(`${name} is not installed`);
    if (state.kind === "damaged") problems.push(`${name} is damaged: ${state.reason}`);
  }
  if (problems.length === 0) return;
  throw new LintelError(
    "LINTEL_E_CONFIG",
    `liveness.level strict needs the anti-spoofing networks: ${problems.join("; ")}`,
    { hint: "Install both: lintel models add MiniFASNetV2.onnx MiniFASNetV1SE.onnx, or choose active." },
  );
}
