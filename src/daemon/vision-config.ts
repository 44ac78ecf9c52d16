import { z } from "zod";

const socket = z.string().startsWith("/", "an absolute path").max(100);

/** The section `vision`: who keeps the processes that look at pictures. */
export const visionSection = z.strictObject({
  socket: socket
    .optional()
    .describe("Socket of a vision service under a user of its own (systemd/lintel-vision.socket); absent: spawned."),
  photosSocket: socket.optional().describe("The same for enrolment photographs (systemd/lintel-photos.socket)."),
});
