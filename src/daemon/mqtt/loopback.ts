import { isIPv4, isIPv6 } from "node:net";

/**
 * Whether a broker's URL names this very machine. Only plain spellings count: whatever is unusual (`127.1`, a trailing
 * dot, a name that merely resolves to 127.0.0.1) is taken for another host, which costs a clear error and no door.
 */
export function isLoopbackUrl(url: string): boolean {
  let host: string;
  try {
    host = new URL(url).hostname;
  } catch {
    return false;
  }
  if (host === "localhost") return true;
  if (isIPv4(host)) return host.startsWith("127.");
  const address = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : "";
  return isIPv6(address) && address === "::1";
}
