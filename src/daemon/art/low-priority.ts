import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * What a process is started through so that it disturbs nobody: idle disk priority, the lowest processor priority, and
 * death with its parent (a stopped process does not notice that its input closed). Programs that this machine lacks are
 * left out: all three are part of any common distribution (util-linux, coreutils).
 */
export function lowPriorityLauncher(find: (program: string) => string | undefined = findProgram): readonly string[] {
  const chain = [
    ["setpriv", "--pdeathsig", "KILL", "--"],
    ["ionice", "-c", "3"],
    ["nice", "-n", "19"],
  ];
  return chain.flatMap(([program = "", ...args]) => {
    const path = find(program);
    return path === undefined ? [] : [path, ...args];
  });
}

// --- internal ---

function findProgram(program: string): string | undefined {
  const folders = (process.env.PATH ?? "/usr/bin:/bin").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
