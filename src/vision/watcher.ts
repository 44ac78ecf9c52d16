import type { Clock } from "../core/clock.ts";
import { freshness } from "../core/clock.ts";
import { carryDetection } from "../pipeline/carry.ts";
import { follow, noContinuity } from "../pipeline/continuity.ts";
import { isDoubtful } from "../pipeline/detect.ts";
import { regionOfDetection, regionOfMesh } from "../pipeline/landmarks.ts";
import { type ChallengeStep, perform } from "../pipeline/liveness/challenge/judge.ts";
import type { FittedModel } from "../pipeline/liveness/fitted.ts";
import { withLightStep } from "../pipeline/liveness/light/coloured-light.ts";
import type { LightStep } from "../pipeline/liveness/light/colours.ts";
import { isFitForNetwork, isNetworkDue, type NetworkLook } from "../pipeline/liveness/network.ts";
import { MotionGate } from "../pipeline/motion.ts";
import { poseOf } from "../pipeline/pose.ts";
import { assessQuality, type QualityLimits } from "../pipeline/quality.ts";
import { noTracks, restart, step, type Track, type Tracks } from "../pipeline/track.ts";
import type { Detection, Frame, Liveness } from "../pipeline/types.ts";
import type { VisionScheduling } from "./config.ts";
import { embeddingUse, type FaceCase, isChallenged, type MeasuredFace, newFaceCase, viewOf } from "./face-case.ts";
import type { DoorNetworks } from "./networks.ts";
import { judgeFace, noteFace } from "./note-face.ts";
import { packEmbedding, type Sighting, type VisionMessage } from "./protocol.ts";

export interface WatcherParts {
  readonly networks: DoorNetworks;
  readonly limits: QualityLimits;
  readonly scheduling: VisionScheduling;
  readonly clock: Clock;
  /** Fitted for this door: may deny what the cues grant. */
  readonly fitted?: FittedModel | undefined;
  send(message: VisionMessage): void;
}

type SeenTrack = Track & { readonly detection: Detection };

/** Older pictures are no sightings: whoever was there may be gone. */
const maxFrameAgeMs = 1000;
/** An empty scene in which nothing has moved for so long is still. */
const stillAfterMs = 2000;
/** A mesh this fresh says better than a doubtful box where the face is. */
const meshHoldMs = 300;
const nothingJudged: Liveness = { verdict: "no-verdict", cues: [] };

/** Looks at one frame after the other and says who is there. Frames must come one at a time, in order. */
export class Watcher {
  readonly #parts: WatcherParts;
  readonly #gate = new MotionGate();
  readonly #cases = new Map<number, FaceCase>();
  #tracks: Tracks = noTracks;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #frameAtMs = Number.NEGATIVE_INFINITY;
  /** Something moved in the scene, or somebody was in it. */
  #stirredAtMs = Number.NEGATIVE_INFINITY;
  #detectedAtMs = Number.NEGATIVE_INFINITY;
  #aimUntilMs = Number.NEGATIVE_INFINITY;
  /** In one frame the anti-spoofing networks look at one face at most. */
  #networkLookAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
  }

  /** Nobody is there. */
  get isIdle(): boolean {
    return this.#tracks.tracks.length === 0;
  }

  /** Nobody is there, nothing has moved for a while, and nobody aims the camera: not every frame is needed. */
  get isStill(): boolean {
    return this.isIdle && this.#frameAtMs - this.#stirredAtMs >= stillAfterMs && this.#frameAtMs >= this.#aimUntilMs;
  }

  async look(frame: Frame): Promise<void> {
    const { isMoving } = this.#gate.look(frame);
    this.#frameAtMs = frame.capturedAtMs;
    if (isMoving || !this.isIdle) this.#stirredAtMs = frame.capturedAtMs;
    if (!this.#isDue(frame.capturedAtMs, isMoving)) return;
    const detections = this.#carried(frame.capturedAtMs) ?? (await this.#detect(frame));
    this.#lookedAtMs = frame.capturedAtMs;
    const { tracks, ended } = step(this.#tracks, detections, frame.capturedAtMs);
    this.#tracks = tracks;
    for (const track of ended) this.#end(track.id, frame.capturedAtMs);
    const seen = tracks.tracks.filter(isSeen).sort((p, q) => q.box.width - p.box.width);
    let looks = 0;
    for (const track of seen) {
      const isClose = this.#isWanted(track, frame.capturedAtMs) && looks < this.#parts.scheduling.maxFaces;
      if (isClose) looks++;
      await (isClose ? this.#lookClosely(frame, track) : this.#lookFromAfar(frame, track));
    }
  }

  /** What the control plane knows of a track; unknown tracks are ignored, they have ended meanwhile. */
  setDecided(trackId: number, isDecided: boolean): void {
    const known = this.#cases.get(trackId);
    if (known) this.#cases.set(trackId, { ...known, isDecided });
  }

  /** The display shows a step of a challenge to this track. */
  challenge(trackId: number, step: ChallengeStep): void {
    const known = this.#cases.get(trackId);
    if (!known) return;
    this.#cases.set(trackId, { ...known, performance: perform(known.performance, step) });
  }

  /** The display has shone in a colour before this track since a time. */
  light(trackId: number, step: LightStep): void {
    const known = this.#cases.get(trackId);
    if (known) this.#cases.set(trackId, { ...known, light: withLightStep(known.light, step) });
  }

  /** Somebody aims the camera: until then every face is measured, also one of which enough is known. */
  aim(untilMs: number): void {
    this.#aimUntilMs = untilMs;
  }

  /** The camera is gone: so is everybody. */
  forgetAll(): void {
    for (const { id } of this.#tracks.tracks) this.#end(id, this.#parts.clock.nowMs());
    this.#tracks = { ...this.#tracks, tracks: [] };
    this.#gate.reset();
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
    this.#detectedAtMs = Number.NEGATIVE_INFINITY;
  }

  // --- internal ---

  /** Whether the detector is worth its time: rarely where nothing moves, less often where only presence counts. */
  #isDue(atMs: number, isMoving: boolean): boolean {
    const { lookEveryMs, decidedEveryMs } = this.#parts.scheduling;
    const sinceMs = atMs - this.#lookedAtMs;
    if (this.isIdle) return isMoving || sinceMs >= lookEveryMs;
    return sinceMs >= decidedEveryMs || this.#tracks.tracks.some((track) => this.#isWanted(track, atMs));
  }

  #detect(frame: Frame): Promise<Detection[]> {
    this.#detectedAtMs = frame.capturedAtMs;
    return this.#parts.networks.detector.detect(frame);
  }

  /** Between two looks of the detector: where the landmarks of the last frame say that the faces are. Null: it must look. */
  #carried(atMs: number): Detection[] | null {
    if (atMs - this.#detectedAtMs >= this.#parts.scheduling.detectEveryMs) return null;
    const faces: Detection[] = [];
    for (const track of this.#tracks.tracks) {
      if (!this.#isWanted(track, atMs)) continue;
      const { anchor, mesh } = this.#caseOf(track.id);
      const face =
        anchor && mesh?.atMs === this.#lookedAtMs && carryDetection(anchor.detection, anchor.mesh, mesh.mesh);
      if (!face) return null;
      faces.push(face);
    }
    return faces.length > 0 ? faces : null;
  }

  /** There is still something to find out about this face, or somebody aims the camera. */
  #isWanted(track: Track, atMs: number): boolean {
    return this.#cases.get(track.id)?.isDecided !== true || atMs < this.#aimUntilMs;
  }

  #caseOf(trackId: number): FaceCase {
    let known = this.#cases.get(trackId);
    if (!known) {
      known = newFaceCase;
      this.#cases.set(trackId, known);
    }
    return known;
  }

  #end(trackId: number, atMs: number): void {
    this.#cases.delete(trackId);
    this.#parts.send({ type: "track-ended", trackId, atMs });
  }

  /** The old track has ended; whoever is there now has shown nothing yet. */
  #restart(trackId: number, atMs: number): { id: number; fresh: FaceCase } {
    const { tracks, newId } = restart(this.#tracks, trackId, atMs);
    this.#tracks = tracks;
    this.#end(trackId, atMs);
    return { id: newId, fresh: newFaceCase };
  }

  /** Presence only: position still tells when somebody else stands there. */
  #lookFromAfar(frame: Frame, track: SeenTrack): void {
    let id = track.id;
    let known = this.#caseOf(id);
    const where = { atMs: frame.capturedAtMs, box: track.box };
    let followed = follow(known.continuity, where);
    if (followed.verdict === "jump") {
      ({ id, fresh: known } = this.#restart(id, frame.capturedAtMs));
      followed = follow(noContinuity, where);
    }
    this.#cases.set(id, { ...known, continuity: followed.next });
    this.#report(frame, { ...track, id }, { liveness: nothingJudged });
  }

  async #lookClosely(frame: Frame, track: SeenTrack): Promise<void> {
    const { capturedAtMs: atMs } = frame;
    const face = await this.#measure(frame, track, this.#caseOf(track.id));
    const use = this.#mayEmbed(track.id, atMs) ? embeddingUse(face, this.#parts.limits) : "none";
    const { embedder, secondEmbedder } = this.#parts.networks;
    const embedding = use === "none" ? undefined : await embedder.embed(frame, face.mesh);
    // Only a decision is worth the second network.
    const second = use === "decide" ? await secondEmbedder?.embed(frame, face.mesh) : undefined;
    const look = await this.#askNetworks(frame, track, face);
    // Read again: a command may have come in while the networks ran.
    let id = track.id;
    let known = this.#caseOf(id);
    const embedded = embedding && { vector: embedding.vector, view: viewOf(face) };
    const now = { atMs, box: track.box, isChallenged: isChallenged(known, atMs), ...(embedded ? { embedded } : {}) };
    let followed = follow(known.continuity, now);
    if (followed.verdict === "jump" || followed.verdict === "identity") {
      ({ id, fresh: known } = this.#restart(id, atMs));
      followed = follow(noContinuity, now);
    }
    const isVerified = followed.verdict === "verified";
    const noted = noteFace(known, { frame, face, look, isVerified });
    this.#cases.set(id, {
      ...noted,
      continuity: followed.next,
      mesh: { atMs, mesh: face.mesh },
      anchor: atMs === this.#detectedAtMs ? { detection: track.detection, mesh: face.mesh } : known.anchor,
      embeddedAtMs: embedding ? atMs : known.embeddedAtMs,
    });
    this.#report(
      frame,
      { ...track, id },
      {
        ...judgeFace(noted, atMs, this.#parts.fitted),
        face: { pose: face.pose, ...face.quality, reasons: [...face.quality.reasons] },
        ...(embedding && use === "decide" ? { embedding: packEmbedding(embedding) } : {}),
        ...(second ? { secondEmbedding: packEmbedding(second) } : {}),
      },
    );
  }

  async #askNetworks(frame: Frame, track: SeenTrack, face: MeasuredFace): Promise<NetworkLook | null> {
    const { antiSpoof } = this.#parts.networks;
    const { capturedAtMs: atMs } = frame;
    // They were trained on boxes of a detector.
    if (atMs !== this.#detectedAtMs) return null;
    if (!antiSpoof || this.#networkLookAtMs === atMs || !isFitForNetwork(face.quality.reasons)) return null;
    if (!isNetworkDue(this.#caseOf(track.id).evidence, atMs)) return null;
    this.#networkLookAtMs = atMs;
    return antiSpoof.look(frame, track.detection.box);
  }

  #mayEmbed(trackId: number, atMs: number): boolean {
    return atMs - this.#caseOf(trackId).embeddedAtMs >= this.#parts.scheduling.embedEveryMs;
  }

  async #measure(frame: Frame, track: SeenTrack, known: FaceCase): Promise<MeasuredFace> {
    const held = known.mesh;
    const isHeld = held !== null && frame.capturedAtMs - held.atMs <= meshHoldMs && held.mesh.confidence > 0.5;
    const region =
      isHeld && isDoubtful(track.box, frame) ? regionOfMesh(held.mesh) : regionOfDetection(track.detection);
    const mesh = await this.#parts.networks.landmarks.find(frame, region);
    return { mesh, pose: poseOf(mesh), quality: assessQuality(frame, mesh, this.#parts.limits) };
  }

  #report(
    frame: Frame,
    track: SeenTrack,
    found: Pick<Sighting, "face" | "embedding" | "secondEmbedding" | "challenge"> & { readonly liveness: Liveness },
  ): void {
    if (freshness(frame.capturedAtMs, this.#parts.clock.nowMs(), maxFrameAgeMs) !== "fresh") return;
    const { box } = track;
    this.#parts.send({
      type: "sighting",
      trackId: track.id,
      sequence: frame.sequence,
      capturedAtMs: frame.capturedAtMs,
      frame: { width: frame.width, height: frame.height },
      box: [box.x, box.y, box.width, box.height],
      score: track.score,
      ...found,
      liveness: { verdict: found.liveness.verdict, cues: [...found.liveness.cues] },
    });
  }
}

function isSeen(track: Track): track is SeenTrack {
  return track.detection !== null;
}
