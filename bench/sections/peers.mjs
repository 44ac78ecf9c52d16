// The same weights in TensorFlow.js, and another library's whole way from pixels to a descriptor, on the same picture.
import { catalogue, networkNames } from "../../dist/models/catalogue.js";
import { FaceAnalyser } from "../../dist/pipeline/face-analyser.js";
import { euclidean } from "../../dist/pipeline/matching/matrix.js";
import { openPhotoNetworks } from "../../dist/vision/networks.js";
import { versionOf } from "../lib/machine.mjs";
import { openPeer, peersMissing } from "../lib/peer.mjs";
import { inputsFor, openOurEngine, openSetting } from "../lib/setting.mjs";
import { inTurn, median, ratio } from "../lib/stats.mjs";
import { ms, times } from "../lib/table.mjs";

const title = "Against the libraries that ship the weights";
const columns = ["what", "n", "ours, p50 ms", "peer, p50 ms", "peer / ours", "same answer?", "budget", ""];
/** How many times faster than a peer's whole way ours is to be. */
const leastTimes = 8;

export async function peers({ runs }) {
  const missing = peersMissing();
  if (missing) return { title, text: [missing], columns, rows: [] };
  const peer = await openPeer("face-api");
  const human = await openPeer("human");
  const setting = await openSetting();
  const eightBit = await openEightBit();
  try {
    const rounds = Math.min(runs, 30);
    const rows = [];
    for (const name of networkNames) rows.push(await networkRow(name, { peer, setting, rounds }));
    const pipeline = await pipelineRows({ peers: { "face-api": peer, human }, setting, eightBit, rounds });
    const { isSimd, isThreaded } = peer.about;
    return {
      title,
      text: [
        `Networks: the same weights on the same numbers, in TensorFlow.js 4.22 on its WebAssembly backend (SIMD ${yesNo(isSimd)}, threads ${yesNo(isThreaded)}; on Node it has no threads), which is how these libraries run on a processor without a native build. Ours: ONNX Runtime, one thread. Runs alternate; "peer / ours" is the median of the ratios of the rounds.`,
        "`same answer`: largest difference of two outputs, as a part of the largest number in them.",
        `Whole way: @vladmandic/face-api ${versionOf("@vladmandic/face-api")}, \`detectSingleFace().withFaceLandmarks().withFaceDescriptor()\` on one frame of 640x480, against our fast path on that frame. Both end in the same network (dlib's, 128 numbers); detector and landmarks are each one's own. \`same answer\`: Euclidean distance of the two descriptors, which are cut out differently (one person's lie below about 0.45).`,
        `Human ${versionOf("@vladmandic/human")}, with face detector, mesh and description and all else turned off, against our fast path twice: with the descriptor that it ends in (\`the peer's own descriptor\`: faceres, 1024 numbers; detector, landmarks and descriptor are then the same networks), and with the first embedder alone (\`as a door runs it\` in every frame: dlib's, 128 numbers, a smaller network; the second is asked only when a decision is due). The first is the comparison of like with like and the harder one.`,
        `A turn of the whole way is ${framesOfTurn} frames, of which the median counts; \`first frames\` is the ratio by the first of each turn, when the other has just had the caches; \`processor time\` is the ratio by what the threads of each process computed, which other work on the machine disturbs least. \`int8\`: \`compute.precision: int8\`, the embedders in eight bits and everything else as it was${eightBit ? "" : "; not measured, this processor does not multiply bytes"}.`,
      ],
      columns,
      rows: [...rows, ...pipeline],
    };
  } finally {
    peer.close();
    human.close();
    await setting.engine.close();
    await eightBit?.engine.close();
  }
}

/** Absent where the processor does not multiply bytes. */
async function openEightBit() {
  const engine = await openOurEngine("int8");
  const networks = await openPhotoNetworks(engine);
  if (engine.precision === "int8") return { engine, networks };
  await engine.close();
  return undefined;
}

async function networkRow(name, { peer, setting, rounds }) {
  const contract = catalogue[name];
  const { recipe, input } = contract;
  const { planes, interleaved, pixels } = inputsFor(contract, setting.frame);
  const network = await setting.engine.open(name);
  if (recipe.kind === "dlib-weights") await peer.ask("loadDlib", { name });
  else await peer.ask("loadGraph", { name, file: recipe.graph, outputs: Object.values(recipe.outputs).flat() });
  const request = {
    name,
    input: recipe.kind === "dlib-weights" ? pixels : interleaved,
    shape: [1, input.height, input.width, 3],
  };
  let [mine, theirs] = [];
  const found = await inTurn(
    {
      ours: async () => {
        mine = await network.run(planes);
      },
      peer: async () => {
        const answer = await peer.ask("runNetwork", request);
        theirs = answer.values;
        return answer.ms;
      },
    },
    { rounds },
  );
  const difference = relativeDifference(
    Object.values(mine).flatMap((v) => Array.from(v)),
    theirs.flatMap((v) => Array.from(v)),
  );
  return row(`network ${name}, ${input.width}x${input.height}`, found, difference.toExponential(0));
}

/** Our fast path with the descriptor that the peer ends in, which is the fair comparison, and as a door runs it in every frame. */
const sameDescriptor = { says: "the peer's own descriptor", embedder: "secondEmbedder" };
const asAtDoor = { says: "as a door runs it", embedder: "embedder" };
const faceApi = { library: "face-api", load: "loadFaceApi", run: "runFaceApi", ours: [asAtDoor] };

/** Whole ways of the peers, and what of ours does the same stages: detector, landmarks, descriptor. */
const ways = [
  {
    ...{ label: "whole way, Human", library: "human", load: "loadHuman", run: "runHuman" },
    ours: [sameDescriptor, asAtDoor],
  },
  {
    ...{ label: "whole way, face-api's default detector (SSD MobileNet)", options: { detector: "ssd" } },
    ...faceApi,
  },
  { ...{ label: "whole way, face-api's smallest detector", options: { detector: "tiny" } }, ...faceApi },
];

/** Frames of a turn: the median counts, so that nobody is judged by the caches that the other has filled. */
const framesOfTurn = 3;

/** Each of ours follows the peer, so that nobody finds its caches warm: ours, peer, ours in eight bits, peer. */
async function pipelineRows({ peers, setting, eightBit, rounds }) {
  const { frame } = setting;
  const rows = [];
  for (const { label, library, load, run, options, ours } of ways) {
    const peer = peers[library];
    await peer.ask(load);
    const request = { rgb: frame.rgb, width: frame.width, height: frame.height, ...options };
    const pairs = [];
    for (const { says, embedder } of ours) {
      for (const [precision, networks] of Object.entries({ float32: setting.networks, int8: eightBit?.networks })) {
        if (!networks) continue;
        const own = { mine: ourTurn(networks, embedder, frame), theirs: peerTurn(peer, run, request) };
        pairs.push({ says: `${label}; ours in ${precision}, ${says}`, ...own });
      }
    }
    const turns = pairs.flatMap(({ mine, theirs }, n) => [
      [`ours ${n}`, mine.turn],
      [`peer ${n}`, theirs.turn],
    ]);
    const found = await inTurn(Object.fromEntries(turns), { rounds: Math.min(rounds, 15) });
    pairs.forEach(({ says, mine, theirs }, n) => {
      const others = `first frames ${times(ratio(theirs.firsts, mine.firsts))}, processor time ${times(ratio(theirs.cpus, mine.cpus))}`;
      const own = { ours: found[`ours ${n}`], peer: found[`peer ${n}`] };
      rows.push(row(says, own, `${sameness(mine.vector, theirs.vector)}; ${others}`, leastTimes));
    });
  }
  return rows;
}

function sameness(mine, theirs) {
  if (mine.length !== theirs.length) return "other descriptors";
  return `distance ${euclidean(unit(mine), unit(theirs)).toFixed(2)}`;
}

/** Frames one after another by one library; keeps the last descriptor, the times of the first frames, and processor time a frame. */
function turnOf(look) {
  const kept = { firsts: [], cpus: [], vector: undefined };
  kept.turn = async () => {
    const frames = [];
    for (let frame = 0; frame < framesOfTurn; frame++) frames.push(await look());
    kept.vector = frames[0].vector;
    kept.firsts.push(frames[0].ms);
    kept.cpus.push(median(frames.map(({ cpuMs }) => cpuMs)));
    return median(frames.map(({ ms: own }) => own));
  };
  return kept;
}

function ourTurn({ detector, landmarks, ...networks }, embedder, frame) {
  const analyser = new FaceAnalyser({ detector, landmarks, embedders: [networks[embedder]] });
  return turnOf(async () => {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const { vector } = (await analyser.analyseFast(frame)).embeddings[0];
    const { user, system } = process.cpuUsage(used);
    return { ms: performance.now() - start, cpuMs: (user + system) / 1000, vector };
  });
}

function peerTurn(peer, run, request) {
  return turnOf(async () => {
    const { descriptor, ...taken } = await peer.ask(run, request);
    if (!descriptor) throw new Error("the peer found no face");
    return { ...taken, vector: descriptor };
  });
}

/** Descriptors of 1024 numbers are compared at length one. */
function unit(vector) {
  const length = vector.length === 1024 ? Math.hypot(...vector) : 1;
  return vector.map((value) => value / length);
}

function row(label, { ours, peer }, same, least) {
  const times_ = ratio(peer, ours);
  const kept = least === undefined ? ["-", ""] : [`${least}x`, times_ >= least ? "kept" : "MISSED"];
  return [label, String(ours.length), ms(median(ours)), ms(median(peer)), times(times_), same, ...kept];
}

function relativeDifference(a, b) {
  if (a.length !== b.length || a.length === 0) throw new Error(`outputs of ${a.length} and ${b.length} numbers`);
  let [gap, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    gap = Math.max(gap, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(a[i]));
  }
  return gap / largest;
}

const yesNo = (flag) => (flag ? "yes" : "no");
