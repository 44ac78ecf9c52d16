// Which files of the production dependencies a board needs. What is left out here is loaded by no program of ours: binaries
// for other machines, bundles for browsers, type declarations, maps, tests.

const never = [
  /\.map$/,
  /\.[cm]?ts$/,
  /^(tests?|__tests__|examples?|bench(marks?)?|coverage|docs?|\.github)\//,
  /(^|\/)(tsconfig.*\.json|\.eslintrc.*|\.editorconfig|\.npmignore)$/,
];

/** A package of which only these files are needed, besides its description and licence. */
const only = {
  "@vladmandic/human": [/^models\/(blazeface|facemesh|faceres)\.(json|bin)$/],
  "@vladmandic/face-api": [
    /^model\/face_recognition_model(\.bin|-weights_manifest\.json)$/,
    /^demo\/sample\d\.jpg$/,
    /^dist\/tfjs\.esm\.js$/,
  ],
  "@tensorflow/tfjs-core": [/^dist\/tf-core\.node\.js$/],
  "@tensorflow/tfjs-backend-cpu": [/^dist\/tf-backend-cpu\.node\.js$/],
  "@tensorflow/tfjs-backend-wasm": [/^dist\/tf-backend-wasm\.node\.js$/, /^dist\/[^/]*\.wasm$/],
  h5wasm: [/^dist\/node\//],
};

/** Parts of a package that are not needed. */
const without = {
  zod: [/^src\//],
  protobufjs: [/^dist\//, /^cli\//],
  mqtt: [/^dist\//],
  koffi: [/^(vendor|lib)\//, /\.(cc|hh|h|c|S|asm|inc)$/],
};

/** Packages that are not needed at all: types, and the same database for another C library. */
const whole = [/^@types\//, /^@libsql\/.*-musl$/];

/**
 * Whether a file of a package is needed on a board of this architecture (`x64` or `arm64`); `path` is relative to the package.
 */
export function isUsed({ name, path, arch }) {
  if (whole.some((pattern) => pattern.test(name))) return false;
  if (path === "package.json" || isLegal(path)) return true;
  if (never.some((pattern) => pattern.test(path))) return false;
  if (name === "onnxruntime-node" && path.startsWith("bin/")) return path.includes(`/linux/${arch}/`);
  const wanted = only[name];
  if (wanted) return wanted.some((pattern) => pattern.test(path));
  return !(without[name] ?? []).some((pattern) => pattern.test(path));
}

/** Licences and notices stay with what they are about. */
export function isLegal(path) {
  return (
    /(^|\/)(un)?(licen[cs]e|copying|notice|copyright|third.?party|authors)[^/]*$/i.test(path) &&
    !/\.[cm]?js$/.test(path)
  );
}

/** `node_modules/a/node_modules/@b/c/x/y.js` is `x/y.js` of `@b/c`; undefined for what belongs to no package. */
export function fileOfPackage(path) {
  const match = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/@.][^/]*)\/(.+)$/.exec(path);
  return match ? { name: match[1], path: match[2] } : undefined;
}
