// Forbids core dumps, run from dist/, and says the limits of itself and of a child it starts afterwards.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { forbidCoreDumps } from "../../dist/daemon/core-dumps.js";

const warnings = [];
const logger = { warn: (_fields, message) => warnings.push(message) };
const path = process.env.PATH;
process.env.PATH = process.argv[2] ?? path;
const result = forbidCoreDumps(logger);
process.env.PATH = path;
const limits = (text) => /^Max core file size +(\S+) +(\S+)/m.exec(text)?.slice(1, 3);
const own = limits(readFileSync("/proc/self/limits", "latin1"));
const child = limits(execFileSync("cat", ["/proc/self/limits"], { encoding: "latin1" }));
process.stdout.write(JSON.stringify({ result, own, child, warnings }));
