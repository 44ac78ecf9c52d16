export { type ProcessEntry, processesBelow, residentMb } from "../../src/cli/soak/process-table.ts";
