import { z } from "zod";
import { cameraConfig } from "../../hal/camera/table.ts";
import { gpioConfig } from "../../hal/gpio/table.ts";
import { accessConfig } from "../access/config.ts";
import { adaptationKeys } from "../adaptation/config.ts";
import { artConfig } from "../art/config.ts";
import { challengeKeys } from "../challenge/config.ts";
import { clockConfig } from "../clock-trust.ts";
import { doorSupervisionKeys } from "../door/config.ts";
import { lockConfig } from "../door/lock.ts";
import { fleetConfig } from "../fleet/config.ts";
import { interlockConfig } from "../interlock/config.ts";
import { mqttConfig } from "../mqtt/config.ts";
import { privacyConfig } from "../people/config.ts";
import { visionSection } from "../vision-config.ts";
import { lobbyScreenKeys } from "../web/config.ts";

/**
 * The whole configuration: every key with its type, unit, default and one sentence. Unknown keys are errors. The sample
 * file `config/lintel.yaml` shows each key, and `config/lintel.schema.json` is generated from here.
 */

const doorConfig = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-zA-Z0-9_-]{1,64}$/, "letters, digits, _ and - only, at most 64")
      .default("front")
      .describe("Name of this door in MQTT topics and records."),
    openSeconds: z
      .int()
      .min(1)
      .max(255)
      .default(5)
      .describe("How long the strike stays open after a grant, in seconds."),
    minFaceWidthPx: z
      .int()
      .min(40)
      .max(2000)
      .default(110)
      .describe("Narrower faces are too far away to want in: 110 of 640 pixels is about one metre."),
    maxYawDeg: z
      .number()
      .min(5)
      .max(60)
      .default(25)
      .describe("A face turned further from the camera does not ask for entry."),
    intentMs: z
      .int()
      .min(0)
      .max(5000)
      .default(400)
      .describe("How long a face must want in before it is judged, in ms."),
    restSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(10)
      .describe("After a grant the same person is not granted again for this long, in seconds."),
    area: z
      .array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]))
      .min(3)
      .optional()
      .describe("Polygon in fractions of the picture; a face with its centre outside does not ask for entry."),
    ...doorSupervisionKeys,
  })
  .prefault({})
  .describe("The door.");

const livenessConfig = z
  .strictObject({
    level: z
      .enum(["off", "passive", "active", "strict"])
      .default("passive")
      .describe("What proof of life is asked for; docs/liveness.md says what each level stops and what it does not."),
    acknowledgeNoLiveness: z
      .boolean()
      .default(false)
      .describe("Must be true for level off: a photograph will open the door."),
    ...challengeKeys,
  })
  .prefault({})
  .describe("Liveness.");

const recognitionConfig = z
  .strictObject({
    targetFpir: z
      .number()
      .min(1e-6)
      .max(0.1)
      .default(1e-3)
      .describe("Accepted probability that a walk-up of a stranger is taken for somebody (FPIR)."),
    maxDistance: z
      .number()
      .min(0.2)
      .max(0.6)
      .default(0.43)
      .describe("Ceiling for the threshold, whatever a calibration says (Euclidean distance of the first embedder)."),
    ...adaptationKeys,
  })
  .prefault({})
  .describe("Recognition.");

const computeConfig = z
  .strictObject({
    engine: z.enum(["auto", "tfjs", "onnx"]).default("auto").describe("Inference engine."),
    device: z
      .enum(["auto", "cpu", "cuda", "tensorrt", "webgpu", "node-gpu", "wasm"])
      .default("auto")
      .describe("Where the networks run."),
    threads: z.int().min(1).max(64).default(1).describe("Threads of one inference."),
    precision: z
      .enum(["float32", "int8"])
      .default("float32")
      .describe("Numbers of the embedders; int8 is twice as fast on a processor that multiplies bytes."),
  })
  .prefault({})
  .describe("Compute.");

const port = z.int().min(0).max(65535);

export const lintelConfig = z.strictObject({
  stateDirectory: z
    .string()
    .min(1)
    .default("/var/lib/lintel")
    .describe("Database, keys, control socket and model cache; only the daemon's user may read it."),
  door: doorConfig,
  camera: cameraConfig.describe("The camera, by driver."),
  vision: visionSection.prefault({}).describe("Processes that look at pictures; own users where sockets are named."),
  gpio: gpioConfig.describe("The lines of the door, by driver."),
  lock: lockConfig.prefault({}).describe("What hangs on the strike line; for checks and the installer."),
  mqtt: mqttConfig.prefault({}).describe("The broker. Without a url an embedded broker listens on 127.0.0.1."),
  clock: clockConfig.prefault({}).describe("When the time of day counts."),
  interlock: interlockConfig.prefault({}).describe("Doors of which never two may be open at once."),
  fleet: fleetConfig.prefault({}).describe("Doors of one site that know the same people; docs/fleet.md."),
  access: accessConfig.prefault({}).describe("Who may enter and when; the rules themselves are in the database."),
  liveness: livenessConfig,
  recognition: recognitionConfig,
  compute: computeConfig,
  gallery: z
    .strictObject({
      keyFile: z
        .string()
        .optional()
        .describe(
          "File with the 32-byte key of the templates; default: credential gallery.key, else the state directory.",
        ),
    })
    .prefault({})
    .describe("The gallery of people."),
  lobby: z
    .strictObject({
      port: port.default(8080).describe("Port of the lobby page (/) and the door display (/door)."),
      host: z.string().default("127.0.0.1").describe("Address to listen on; 0.0.0.0 for a screen on the network."),
      greet: z
        .enum(["name", "first-name", "none"])
        .default("first-name")
        .describe("How a person is greeted on the screens."),
      ...lobbyScreenKeys,
    })
    .prefault({})
    .describe("Pages without secrets."),
  art: artConfig.prefault({}).describe("Pictures painted at night for the lobby; off unless both folders are named."),
  operations: z
    .strictObject({ port: port.default(8081).describe("Port of the operations page, on loopback only.") })
    .prefault({})
    .describe("Operations."),
  models: z
    .strictObject({
      cacheDirectory: z
        .string()
        .optional()
        .describe("Where compiled networks are kept; default: models in the state directory. Nothing secret is in it."),
    })
    .prefault({})
    .describe("The networks."),
  privacy: privacyConfig,
  log: z
    .strictObject({
      level: z
        .enum(["debug", "info", "warn", "error", "silent"])
        .default("info")
        .describe("Least severe level that is logged."),
    })
    .prefault({})
    .describe("Logs: JSON on standard error."),
});

export type LintelConfig = z.infer<typeof lintelConfig>;
