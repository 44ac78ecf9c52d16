import { lockProblems } from "../door/lock.ts";
import { fleetProblems } from "../fleet/config.ts";
import { interlockProblems } from "../interlock/cross-checks.ts";
import { servesRestrictedRequests } from "../mqtt/config.ts";
import { isLoopbackUrl } from "../mqtt/loopback.ts";
import type { ConfigProblem } from "./problem.ts";
import type { LintelConfig } from "./schema.ts";

/** What one key alone cannot show: combinations that must not run. */
export function crossChecks(config: LintelConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { access, liveness, mqtt, recognition } = config;
  if (liveness.level === "off" && !liveness.acknowledgeNoLiveness) {
    problems.push({
      path: "liveness.level",
      message: "without liveness a photograph opens the door",
      hint: "choose passive, or set liveness.acknowledgeNoLiveness: true if you accept that",
    });
  }
  if (mqtt.url?.startsWith("mqtt://") && !isLoopbackUrl(mqtt.url) && !mqtt.acknowledgePlain) {
    problems.push({
      path: "mqtt.url",
      message: "plain mqtt to another host can be read and forged by anybody on the way",
      hint: "use mqtts:// with credentials, or set mqtt.acknowledgePlain: true (door and people requests stay refused)",
    });
  }
  for (const key of ["presenceTopic", "badgeTopic"] as const) {
    if (access[key] === undefined || (servesRestrictedRequests(mqtt) && mqtt.requests === "open")) continue;
    problems.push({
      path: `access.${key}`,
      message: "anybody at this broker could forge a second factor",
      hint: "use the embedded broker or mqtts:// with credentials and open requests, or the signed request access/badge",
    });
  }
  problems.push(...lockProblems(config));
  problems.push(...interlockProblems(config));
  problems.push(...fleetProblems(config));
  if (recognition.maxDistance > 0.5) {
    problems.push({
      path: "recognition.maxDistance",
      message: "above 0.5 strangers of the same population are accepted by the dozen",
      hint: "stay at or below 0.5; 0.40 to 0.43 is what a door wants",
    });
  }
  return problems;
}
