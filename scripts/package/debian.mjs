// What Debian wants to know about the package, as text.

/** Debian's name of the architectures that Node calls so. */
export const debianNames = { x64: "amd64", arm64: "arm64" };

/**
 * `control`. The libraries are those that the carried binaries ask for: Node, ONNX Runtime and libvips want glibc 2.28, koffi
 * and ONNX Runtime a libstdc++ of GCC 7; `libsystemd0` tells systemd that the door is ready. Encrypted credentials want
 * systemd 250; an older one passes over those lines of the unit.
 */
export function controlFile({ manifest, arch, installedKiB, nodeVersion }) {
  return `Package: lintel
Version: ${manifest.version}
Architecture: ${debianNames[arch]}
Maintainer: Lintel contributors <lintel@localhost>
Installed-Size: ${installedKiB}
Depends: libc6 (>= 2.28), libstdc++6 (>= 7), libsystemd0, systemd (>= 247), udev
Recommends: ffmpeg
Suggests: fswebcam, chromium, cage
Section: misc
Priority: optional
Description: opens a door for people it knows
 One small Linux board above the door watches a camera, makes sure that a
 living person stands there, recognises the face against a local gallery,
 drives the door strike and reports over MQTT.
 .
 Carries Node ${nodeVersion} under /opt/lintel. Nothing is started before it is
 configured: /opt/lintel/share/doc/operations.md.
`;
}

/** Of the package as a whole; each dependency's own licence lies beside it. */
export function copyrightFile() {
  return `Lintel is under the MIT licence: /opt/lintel/app/LICENSE.
What it carries is under the licences listed in /opt/lintel/share/doc/licences.md; their texts lie beside the packages in
/opt/lintel/app/node_modules and /opt/lintel/node/LICENSE.
libvips (/opt/lintel/app/node_modules/@img/sharp-libvips-*) is under the LGPL 3.0 or later and is loaded as a shared library:
another build of it may be put in its place.
`;
}

/** A command under /opt/lintel/bin: the carried Node with a program of the application. */
export function launcher(program) {
  return `#!/bin/sh\nexec /opt/lintel/node/bin/node /opt/lintel/app/${program} "$@"\n`;
}

/**
 * Where a file of systemd/ belongs in the package; undefined for what is read only by people or copied by hand (additions for
 * other hardware, the lobby screen's user, scripts).
 */
export function placeOf(name) {
  if (/\.(service|socket|timer|path|target)$/.test(name)) return `usr/lib/systemd/system/${name}`;
  if (name === "lintel.sysusers.conf") return "usr/lib/sysusers.d/lintel.conf";
  if (name === "lintel.tmpfiles.conf") return "usr/lib/tmpfiles.d/lintel.conf";
  if (name === "lintel-journal.conf") return "usr/lib/systemd/journald.conf.d/lintel.conf";
  if (name.endsWith(".rules")) return `usr/lib/udev/rules.d/${name}`;
  return undefined;
}
