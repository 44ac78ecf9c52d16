// Owns a camera as the vision process does and says `running` at its first frame. Argument: the configuration as JSON.
import { systemClock } from "../../dist/core/clock.js";
import { silentLogger } from "../../dist/core/logger.js";
import { cameraConfig, createCamera } from "../../dist/hal/camera/table.js";

const config = cameraConfig.parse(JSON.parse(process.argv[2]));
const camera = createCamera(config, { logger: silentLogger, clock: systemClock });
const never = new AbortController().signal;
await camera.start(never);
process.stdout.write("running\n");
for (;;) await camera.next(never);
