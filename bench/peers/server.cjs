// The peers in a process of their own, with the packages they ask for found through NODE_PATH. Each request is timed in here,
// so that the way between the processes costs them nothing.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..", "..", "node_modules", "@vladmandic");
// One library in a process: each brings a TensorFlow.js of its own, and they do not know each other's tensors.
const library = process.argv[2];
const faceapi = library === "face-api" ? require(join(root, "face-api", "dist", "face-api.node-wasm.js")) : undefined;
const human = library === "human" ? require(join(root, "human", "dist", "human.node-wasm.js")) : undefined;
const tf = faceapi?.tf;
const wasmFolder = join(__dirname, "node_modules", "@tensorflow", "tfjs-backend-wasm", "dist", "/");

const networks = new Map();
const galleries = new Map();
let person;

const handlers = {
  async open() {
    if (!tf) return {};
    tf.setWasmPaths(wasmFolder);
    await tf.setBackend("wasm");
    await tf.ready();
    if (tf.getBackend() !== "wasm") throw new Error(`the backend is ${tf.getBackend()}, not wasm`);
    const isSimd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
    const isThreaded = await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT");
    return { version: tf.version_core ?? tf.version?.tfjs ?? "4.22.0", isSimd, isThreaded };
  },

  /** A graph model of @vladmandic/human, up to the outputs that are wanted. */
  async loadGraph({ name, file, outputs }) {
    const folder = join(root, "human");
    const json = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const weightData = new Uint8Array(readFileSync(join(folder, file.replace(".json", ".bin")))).buffer;
    const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
    const model = await tf.loadGraphModel({ load: async () => ({ ...json, weightSpecs, weightData }) });
    networks.set(name, (input) => model.execute(input, outputs));
  },

  /** face-api's own implementation of dlib's network; it takes pixels. */
  loadDlib({ name }) {
    const path = join(root, "face-api", "model", "face_recognition_model");
    const [group] = JSON.parse(readFileSync(`${path}-weights_manifest.json`, "utf8"));
    const network = new faceapi.FaceRecognitionNet();
    network.loadFromWeightMap(tf.io.decodeWeights(new Uint8Array(readFileSync(`${path}.bin`)).buffer, group.weights));
    networks.set(name, (input) => network.forwardInput(new faceapi.NetInput([tf.squeeze(input, [0])])));
  },

  runNetwork({ name, input, shape }) {
    const start = performance.now();
    const values = tf.tidy(() => {
      const result = networks.get(name)(tf.tensor(input, shape));
      return [result].flat().map((tensor) => tensor.dataSync());
    });
    return { ms: performance.now() - start, values };
  },

  async loadFaceApi() {
    const folder = join(root, "face-api", "model");
    for (const name of ["ssdMobilenetv1", "tinyFaceDetector", "faceLandmark68Net", "faceRecognitionNet"]) {
      await faceapi.nets[name].loadFromDisk(folder);
    }
  },

  async runFaceApi({ detector, rgb, width, height }) {
    const options =
      detector === "tiny"
        ? new faceapi.TinyFaceDetectorOptions()
        : new faceapi.SsdMobilenetv1Options({ maxResults: 1 });
    const taken = stopwatch();
    const input = tf.tensor3d(rgb, [height, width, 3], "int32");
    const face = await faceapi.detectSingleFace(input, options).withFaceLandmarks().withFaceDescriptor();
    input.dispose();
    return { ...taken(), descriptor: face?.descriptor };
  },

  /** Human with the same three stages as ours and nothing else; every network on every picture, as a first picture has it. */
  async loadHuman() {
    const folder = join(root, "human", "models");
    const off = { enabled: false };
    const always = { enabled: true, skipFrames: 0, skipTime: 0 };
    // It asks for its models by HTTP.
    globalThis.fetch = async (url) =>
      new Response(readFileSync(join(folder, new URL(url).pathname)), {
        headers: { "content-type": String(url).endsWith(".json") ? "application/json" : "application/octet-stream" },
      });
    person = new human.Human({
      backend: "wasm",
      wasmPath: wasmFolder,
      modelBasePath: "https://models.invalid/",
      cacheModels: false,
      cacheSensitivity: 0,
      warmup: "none",
      filter: off,
      gesture: off,
      body: off,
      hand: off,
      object: off,
      segmentation: off,
      face: {
        enabled: true,
        detector: { ...always, rotation: true, maxDetected: 1 },
        mesh: { enabled: true },
        description: always,
        ...{ attention: off, iris: off, emotion: off, antispoof: off, liveness: off, gear: off },
      },
    });
    await person.load();
  },

  async runHuman({ rgb, width, height }) {
    const taken = stopwatch();
    const input = person.tf.tensor(rgb, [1, height, width, 3], "float32");
    const { face } = await person.detect(input);
    person.tf.dispose(input);
    return { ...taken(), descriptor: face[0] && Float32Array.from(face[0].embedding) };
  },

  fillGallery({ name, vectors }) {
    galleries.set(
      name,
      vectors.map((vector) => Array.from(vector)),
    );
  },

  /** Milliseconds of the search in the middle of several. */
  runFind({ name, probes }) {
    const vectors = galleries.get(name);
    const times = probes.map((probe) => {
      const descriptor = Array.from(probe);
      const start = performance.now();
      human.match.find(descriptor, vectors);
      return performance.now() - start;
    });
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  },
};

/** Milliseconds since now, and those that the threads of this process computed. */
function stopwatch() {
  const [start, used] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
  };
}

process.on("message", async ({ id, request, data }) => {
  try {
    process.send({ id, result: await handlers[request](data ?? {}) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on("disconnect", () => process.exit(0));
