import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { controlFile, copyrightFile, launcher, placeOf } from "./debian.mjs";
import { run } from "./run.mjs";
import { md5sums, normalise, put, sizeOf } from "./tree.mjs";

const scripts = fileURLToPath(new URL("debian/", import.meta.url));

/** The commands, for an application in /opt/lintel/app and a Node in /opt/lintel/node. */
export function putCommands(tree) {
  put(join(tree, "opt/lintel/bin/lintel"), launcher("bin/lintel.mjs"), 0o755);
  put(join(tree, "opt/lintel/bin/lintel-vision"), launcher("dist/vision/main.js"), 0o755);
  mkdirSync(join(tree, "usr/bin"), { recursive: true });
  symlinkSync("../../opt/lintel/bin/lintel", join(tree, "usr/bin/lintel"));
}

/** Units, users and device rules where the system looks for them, and beside them what the installer reads. */
export function putSystem(tree, app) {
  for (const name of readdirSync(join(app, "systemd"))) {
    const place = placeOf(name);
    if (place) cpSync(join(app, "systemd", name), join(tree, place));
  }
  const share = join(tree, "opt/lintel/share");
  cpSync(join(app, "systemd/lintel.yaml"), join(share, "lintel.service.yaml"));
  for (const name of ["lintel.yaml", "lintel.schema.json"]) cpSync(join(app, "config", name), join(share, name));
  cpSync(join(app, "docs/operations.md"), join(share, "doc/operations.md"));
  put(join(tree, "usr/share/doc/lintel/copyright"), copyrightFile());
}

/** What dpkg reads, of a tree that is otherwise complete. */
export function putControl(tree, { manifest, arch, nodeVersion }) {
  const control = join(tree, "DEBIAN");
  put(join(control, "md5sums"), md5sums(tree));
  const installedKiB = Math.ceil(sizeOf(tree) / 1024);
  put(join(control, "control"), controlFile({ manifest, arch, installedKiB, nodeVersion }));
  for (const script of ["postinst", "prerm", "postrm"]) {
    cpSync(join(scripts, script), join(control, script));
    chmodSync(join(control, script), 0o755);
  }
}

/** Packs a tree; the same tree and time make the same bytes, whoever builds. */
export function packDeb(tree, deb, epochSeconds) {
  normalise(tree, epochSeconds);
  const options = ["--root-owner-group", "-Zxz", "-z3", "--threads-max=2"];
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) };
  run("dpkg-deb", [...options, "--build", tree, deb], { env });
}
