import { z } from "zod";
import type { RecordedEdge } from "../../hal/gpio/simulated-protocol.ts";
import type { EventMessage } from "./broker-client.ts";
import type { Cast } from "./demo-cast.ts";
import { demoPictures } from "./demo-pictures.ts";
import { showsPicture } from "./lobby-visitor.ts";
import type { Stage } from "./stage.ts";
import type { StepResult, Timeline } from "./timeline.ts";

/** What a step may use. */
export interface StepTools {
  readonly stage: Stage;
  readonly cast: Cast;
  readonly timeline: Timeline;
  /** Enrols by the command line, beside the running daemon. */
  enrolByCommand(id: string, name: string, photo: Uint8Array): Promise<void>;
  nowMs(): number;
}

interface Step {
  readonly name: string;
  /** Gives back what happened, in words; throws when it did not. */
  run(tools: StepTools): Promise<string>;
}

const personTimeoutMs = 25_000;
const openMs = 5000;
/** The relay may close this much early (the guard aims before the deadline) and never late. */
const openToleranceMs = { early: 150, late: 50 };

/** The demo's story, in order. */
export const steps: readonly Step[] = [
  { name: "A picture is painted for the lobby", run: paintForLobby },
  { name: "A stranger is refused", run: (tools) => refuseStranger(tools, "stranger-1", tools.cast.strangers[0]) },
  { name: "Alice is enrolled from a photograph", run: enrolAlice },
  { name: "Another stranger is refused", run: (tools) => refuseStranger(tools, "stranger-2", tools.cast.strangers[1]) },
  { name: "Alice walks up and gets in", run: (tools) => letIn(tools, "alice", tools.cast.alice) },
  { name: "Bob is enrolled over MQTT", run: enrolBob },
  { name: "Bob walks up and gets in", run: (tools) => letIn(tools, "bob", tools.cast.bob) },
  { name: "A printed photograph of Alice is refused", run: refusePrint },
];

export async function runStep(step: Step, tools: StepTools): Promise<StepResult> {
  await tools.stage.untilEmpty();
  const startMs = tools.nowMs();
  tools.timeline.heading(step.name);
  const finish = (ok: boolean, detail: string): StepResult => {
    const result = { name: step.name, ok, detail, ms: Math.round(tools.nowMs() - startMs) };
    tools.timeline.step(result);
    return result;
  };
  try {
    return finish(true, await step.run(tools));
  } catch (error) {
    return finish(false, error instanceof Error ? error.message : String(error));
  }
}

// --- internal ---

/** Small and few steps: seconds here, minutes at night. */
const quickPainting = { size: 256, steps: 24, seed: 7 };
const paintingTimeoutMs = 45_000;
const maxImageBytes = 512 * 1000;
const paintingJobs = z.object({ jobs: z.array(z.object({ reason: z.string().nullable() })) });

async function paintForLobby({ stage, timeline }: StepTools): Promise<string> {
  const { content, style } = demoPictures;
  await stage.broker.request("art/render", { content, style, atOnce: true, settings: quickPainting });
  timeline.note(
    "lobby",
    `painting ${content} in the manner of ${style}; at night, and never while somebody is at the door`,
  );
  const jpeg = await stage.broker.bytes("art/image", paintingTimeoutMs).catch(async (error: unknown) => {
    throw (await whyNotPainted(stage)) ?? error;
  });
  if (jpeg.length > maxImageBytes) throw new Error(`the picture has ${jpeg.length} bytes`);
  const title = await showsPicture(stage.lobbyPage, 5000);
  return `"${title}" hangs in the lobby, ${(jpeg.length / 1000).toFixed(0)} kB of JPEG on lintel/demo/art/image`;
}

async function whyNotPainted(stage: Stage): Promise<Error | undefined> {
  const list = paintingJobs.safeParse(await stage.broker.request("art/list", {}));
  const reason = list.data?.jobs.at(-1)?.reason;
  return typeof reason === "string" ? new Error(reason) : undefined;
}

async function enrolAlice({ enrolByCommand, cast }: StepTools): Promise<string> {
  await enrolByCommand("alice", "Alice Example", await cast.photoOf(cast.alice));
  return "lintel people add alice: 1 template, the photograph is not kept";
}

async function enrolBob({ stage, cast }: StepTools): Promise<string> {
  const photo = await cast.photoOf(cast.bob);
  const photos = [Buffer.from(photo).toString("base64")];
  const answer = await stage.broker.request("people/add", { id: "bob", name: "Bob Example", photos }, 30_000);
  const templates = typeof answer === "object" && answer !== null && "templates" in answer ? answer.templates : 0;
  if (templates !== 1) throw new Error("the door has no template of Bob");
  return `${(photo.length / 1024).toFixed(0)} kB of JPEG to lintel/demo/request/people/add over TCP`;
}

async function refuseStranger(tools: StepTools, id: string, actor: string): Promise<string> {
  const event = await visit(tools, { id, actor, as: "walker" }, ["unknown", "granted", "opened"]);
  if (event.type !== "unknown") throw new Error(`the door said ${event.type}`);
  await requireLocked(tools);
  return "unknown face, the strike did not move";
}

async function refusePrint(tools: StepTools): Promise<string> {
  const event = await visit(tools, { id: "print", actor: tools.cast.alice, as: "print" }, [
    "spoof",
    "denied",
    "granted",
    "opened",
    "unknown",
  ]);
  const isRefusal = event.type === "spoof" || (event.type === "denied" && event.reason === "no-liveness-evidence");
  if (!isRefusal) throw new Error(`the door said ${event.type} ${String(event.reason ?? "")}`);
  await requireLocked(tools);
  return event.type === "spoof"
    ? "seen to be flat, the strike did not move"
    : "no sign of life, the strike did not move";
}

async function letIn(tools: StepTools, person: string, actor: string): Promise<string> {
  const edges: RecordedEdge[] = [];
  const stop = tools.stage.chip.subscribe((edge) => edges.push(edge));
  try {
    const event = await visit(tools, { id: person, actor, as: "walker" }, ["granted", "denied", "unknown", "spoof"]);
    if (event.type !== "granted") throw new Error(`the door said ${event.type} ${String(event.reason ?? "")}`);
    if (event.person !== person) throw new Error(`the door took the person for ${String(event.person)}`);
    const closed = await tools.stage.chip.waitFor((edge) => isAfter(edge, edges) && !edge.isActive, openMs + 3000);
    const opened = edges.find((edge) => edge.isActive);
    if (!opened) throw new Error("the strike did not open");
    const measuredMs = closed.atMs - opened.atMs;
    if (measuredMs > openMs + openToleranceMs.late || measuredMs < openMs - openToleranceMs.early) {
      throw new Error(`the strike was open for ${(measuredMs / 1000).toFixed(3)} s`);
    }
    return `strike open for ${(measuredMs / 1000).toFixed(2)} s, distance ${String(event.distance)}`;
  } finally {
    stop();
  }
}

function isAfter(edge: RecordedEdge, edges: readonly RecordedEdge[]): boolean {
  const opened = edges.find((other) => other.isActive);
  return opened !== undefined && edge.sequence > opened.sequence;
}

/** Sends somebody to the door and waits for one of the events that end the visit. */
async function visit(
  tools: StepTools,
  who: { readonly id: string; readonly actor: string; readonly as: "walker" | "print" },
  types: readonly string[],
): Promise<EventMessage> {
  const { stage } = tools;
  const event = new Promise<EventMessage>((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`nothing happened for ${personTimeoutMs / 1000} s`));
    }, personTimeoutMs);
    const stop = stage.broker.onEvent((found) => {
      if (!types.includes(found.type)) return;
      clearTimeout(timer);
      stop();
      resolve(found);
    });
  });
  stage.world({ type: "enter", ...who });
  try {
    return await event;
  } finally {
    stage.world({ type: "leave", id: who.id });
  }
}

/** The chip's own record is the judge. */
async function requireLocked({ stage }: StepTools): Promise<void> {
  const last = (await stage.chip.record()).at(-1);
  if (last?.isActive) throw new Error("the strike is open");
}
