import { tmpdir } from "node:os";
import { join } from "node:path";

/** Compiled networks and measured photographs are kept between tests of one machine. */
export const testModelCache = process.env.LINTEL_TEST_MODELS ?? join(tmpdir(), "lintel-test-models");
