import type { Migration } from "./migration.ts";

/**
 * Vectors of the second descriptor from before its input was centred and its crop widened: they mean nothing beside today's, so
 * their people are recognised by the first embedder alone until they are enrolled again.
 */
export const secondDescriptorMigration: Migration = {
  name: "vectors of the second descriptor made anew",
  sql: "DELETE FROM template_vectors WHERE embedder = 'faceres'",
};
