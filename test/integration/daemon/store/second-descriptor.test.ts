import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../../../src/core/logger.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import type { Migration } from "../../../../src/daemon/store/migration.ts";
import { migrations } from "../../../../src/daemon/store/migrations.ts";
import { secondDescriptorMigration } from "../../../../src/daemon/store/second-descriptor-migration.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

test("an update drops vectors of the old second descriptor and leaves everybody's first", () => {
  const stateDirectory = temporaryStateDirectory();
  const open = (steps: readonly Migration[]) => {
    const db = openDatabase({ stateDirectory, logger: silentLogger, migrations: steps });
    onTestFinished(() => db.close());
    return db;
  };
  const old = open(migrations.slice(0, migrations.indexOf(secondDescriptorMigration)));
  old.run(
    `INSERT INTO people (id, name, enabled, groups, created_at, updated_at) VALUES ('ann', 'Ann', 1, '[]', '', '')`,
  );
  old.run(`INSERT INTO templates (id, person_id, created_at, source, quality) VALUES (1, 'ann', '', 'test', '{}')`);
  for (const embedder of ["dlib", "faceres"]) {
    old.run(
      `INSERT INTO template_vectors (template_id, embedder, iv, ciphertext, tag) VALUES (1, '${embedder}', x'00', x'00', x'00')`,
    );
  }
  old.close();
  const db = open(migrations);
  const rows = db.all(z.object({ embedder: z.string() }), "SELECT embedder FROM template_vectors");
  expect(rows).toEqual([{ embedder: "dlib" }]);
});
