// The bill of materials of production (CycloneDX 1.5), as npm writes it, without what makes each one different: npm run sbom
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Reads the lock file of `folder` (nothing needs to be installed) and gives the document as text. Its time is that of the
 * sources and its serial number follows from its content, so that the same sources make the same document.
 */
export function bill(folder, epochSeconds) {
  const args = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"];
  const npm = spawnSync("npm", args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
  if (npm.status !== 0) throw new Error(`npm sbom: ${npm.stderr || npm.error?.message}`);
  const document = JSON.parse(npm.stdout);
  document.metadata.timestamp = new Date(epochSeconds * 1000).toISOString();
  document.metadata.component = { ...document.metadata.component, type: "application", name: "lintel" };
  document.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(document.components))}`;
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A UUID (version 8, RFC 9562) that follows from a text. */
function uuidOf(text) {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(bill(root, Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000))));
}
