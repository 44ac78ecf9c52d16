import { systemClock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import { seededRandom } from "../../core/random.ts";
import type { Engine } from "../../pipeline/engine.ts";
import { FaceAnalyser } from "../../pipeline/face-analyser.ts";
import { regionOfDetection, regionOfMesh } from "../../pipeline/landmarks.ts";
import { measureEdges } from "../../pipeline/liveness/edges.ts";
import { noEvidence, withEdges, withMesh } from "../../pipeline/liveness/evidence.ts";
import { judgeLiveness } from "../../pipeline/liveness/fuse.ts";
import { TemplateMatrix } from "../../pipeline/matching/matrix.ts";
import { poseOf } from "../../pipeline/pose.ts";
import { assessQuality, doorLimits } from "../../pipeline/quality.ts";
import type { FaceMesh, Frame } from "../../pipeline/types.ts";
import { visionScheduling } from "../../vision/config.ts";
import { type DoorNetworks, openPhotoNetworks } from "../../vision/networks.ts";
import { Watcher } from "../../vision/watcher.ts";
import { emptyFrames, largeFrame, visitFrames } from "./frames.ts";
import { type Timing, time } from "./timing.ts";

export interface BenchOptions {
  readonly engine: Engine;
  readonly cacheDirectory: string;
  /** Runs of each stage. */
  readonly runs: number;
  readonly logger: Logger;
  /** Called before each stage: for a progress line. */
  onStage(name: string): void;
}

/** Answer of `lintel bench` (contract). All times in milliseconds on one frame with one face, of 640x480 where nothing else is said. */
export interface BenchReport {
  readonly stages: Readonly<Record<StageName, Timing>>;
  /** One probe against this many templates of 128 numbers. */
  readonly match: Timing & { readonly templates: number };
  readonly engine: string;
  readonly device: string;
}

/**
 * `frame`: pixels to embedding on the fast path; `large-frame` the same of 1280x720. `decision`: a frame with all extra work (landmarks twice, detection on the
 * padded picture, the embedder on the mirrored chip too). `watched`: what the vision process spends on a frame of a
 * track that is judged, averaged over a visit; `decided`: on a frame of a track that is decided; `empty`: on a frame of an
 * empty scene.
 */
export type StageName =
  | "detect"
  | "landmarks"
  | "embed"
  | "liveness"
  | "frame"
  | "large-frame"
  | "decision"
  | "watched"
  | "decided"
  | "empty";

const templates = 10_000;
/** 15 pictures a second. */
const frameEveryMs = 66;

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { engine, runs, onStage, cacheDirectory, logger } = options;
  const networks = await openPhotoNetworks(engine);
  const frames = await visitFrames({ cacheDirectory, networks, logger });
  const frame = frames[frames.length - 1];
  if (!frame) throw new Error("cannot happen: a visit has frames");
  const timings = {} as Record<StageName, Timing>;
  const large = await largeFrame({ cacheDirectory, networks, logger });
  for (const [name, work] of Object.entries(stagesOf(networks, { frame, large }, await meshesOf(networks, frames)))) {
    onStage(name);
    timings[name as StageName] = await time(runs, work);
  }
  for (const [name, scenes, isDecided] of [
    ["watched", frames, false],
    ["decided", frames, true],
    ["empty", await emptyFrames({ cacheDirectory, networks, logger }), false],
  ] as const) {
    onStage(name);
    timings[name] = await timeWatcher(networks, scenes, { isDecided, runs });
  }
  onStage("match");
  const match = await timeMatching(runs);
  return { stages: timings, match: { ...match, templates }, engine: engine.name, device: engine.device };
}

// --- internal ---

type Work = () => Promise<unknown> | unknown;

function stagesOf(
  { detector, landmarks, embedder, secondEmbedder }: Awaited<ReturnType<typeof openPhotoNetworks>>,
  { frame, large }: { frame: Frame; large: Frame },
  meshes: readonly FaceMesh[],
): Partial<Record<StageName, Work>> {
  const mesh = meshes.at(-1);
  if (!mesh) throw new Error("no face was found in the frames of the bench");
  const region = regionOfMesh(mesh);
  const fast = new FaceAnalyser({ detector, landmarks, embedders: [embedder, secondEmbedder] });
  let evidence = noEvidence;
  meshes.forEach((each, n) => {
    const atMs = n * 66;
    evidence = withEdges(withMesh(evidence, { mesh: each, atMs, isVerified: true }), measureEdges(frame, each, atMs));
  });
  return {
    detect: () => detector.detect(frame),
    landmarks: () => landmarks.find(frame, region),
    embed: () => embedder.embed(frame, mesh),
    liveness: () => judgeLiveness(withEdges(evidence, measureEdges(frame, mesh, meshes.length * 66))),
    frame: () => fast.analyseFast(frame),
    "large-frame": () => fast.analyseFast(large),
    decision: async () => {
      const [face] = await detector.detectWithCure(frame);
      if (!face) return;
      const first = await landmarks.find(frame, regionOfDetection(face));
      const second = await landmarks.find(frame, regionOfMesh(first));
      assessQuality(frame, second, doorLimits);
      poseOf(second);
      await embedder.embed(frame, second, { isMirrored: true });
      judgeLiveness(evidence);
    },
  };
}

async function meshesOf({ detector, landmarks }: DoorNetworks, frames: readonly Frame[]): Promise<FaceMesh[]> {
  const meshes: FaceMesh[] = [];
  for (const frame of frames) {
    const [face] = await detector.detect(frame);
    if (face) meshes.push(await landmarks.find(frame, regionOfDetection(face)));
  }
  return meshes;
}

/** The real watcher on frames one after the other; its own clock is the time of the frames. */
async function timeWatcher(
  networks: DoorNetworks,
  frames: readonly Frame[],
  { isDecided, runs }: { isDecided: boolean; runs: number },
): Promise<Timing> {
  let capturedAtMs = systemClock.nowMs();
  const watcher = new Watcher({
    networks,
    limits: doorLimits,
    // Every frame is looked at: between looks a frame of a decided track costs what one of an empty scene does.
    scheduling: visionScheduling.parse({ decidedEveryMs: 0 }),
    clock: { ...systemClock, nowMs: () => capturedAtMs },
    send: (message) => {
      if (isDecided && message.type === "sighting") watcher.setDecided(message.trackId, true);
    },
  });
  let n = 0;
  return time(runs, () => {
    capturedAtMs += frameEveryMs;
    const frame = frames[n % frames.length];
    n += 1;
    return frame ? watcher.look({ ...frame, capturedAtMs, sequence: n }) : undefined;
  });
}

async function timeMatching(runs: number): Promise<Timing> {
  const random = seededRandom(1);
  const vector = () => Float32Array.from({ length: 128 }, () => (random() - 0.5) * 0.2);
  const matrix = new TemplateMatrix(128);
  for (let n = 0; n < templates; n++) {
    matrix.add({ personId: `p${Math.floor(n / 3)}`, templateId: n, vector: vector() });
  }
  const probes = Array.from({ length: 50 }, vector);
  let n = 0;
  return time(Math.max(runs, 200), () => {
    const probe = probes[n % probes.length];
    n += 1;
    return probe ? matrix.top2(probe) : undefined;
  });
}
