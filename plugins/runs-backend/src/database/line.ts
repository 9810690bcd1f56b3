import { escapeIdentifier } from 'pg';
import { createInSchema } from './schemaNames';

/** What statements share that put runs in line for their keys, or take them out: texts of SQL, to be put behind others of a `WITH`. */
export function createLine(schemas: { schema: string; wakeupSchema: string }) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const runStep = inSchema('run_step');
  const addJob = `${escapeIdentifier(schemas.wakeupSchema)}.add_job`;
  /** The newest number in line. */
  const nextNumber = `nextval('${inSchema('run_key_seq').replace(
    /'/g,
    "''",
  )}')`;

  /** No job key: with one, add_job can lose a ring when the earlier job is just being worked on. */
  const ring = (alias: string) =>
    `${addJob}('run:' || ${alias}.kind || ':' || ${alias}.plan_version, json_build_object('run', ${alias}.id), max_attempts := 3)`;

  /** At the end of the line of these keys, for the run in `target`; where it holds its keys it keeps them. */
  const backAtEnd = (keys: string) => `place AS MATERIALIZED (
      SELECT ${nextNumber} AS seq
    ), keys AS (
      INSERT INTO ${runKey} (run_id, key, seq)
      SELECT target.id, key, place.seq FROM target, place, unnest(${keys}::text[]) AS key
      ON CONFLICT (run_id, key) DO NOTHING
    )`;

  /** Whoever is next on a key that the run $1 has `released`. */
  const nextInLine = `next AS (
          SELECT DISTINCT ON (k.key) k.run_id FROM released JOIN ${runKey} k ON k.key = released.key AND k.run_id <> $1
          ORDER BY k.key, k.seq
        )`;

  /** Of the run $1 that has `ended`: its open steps end with it, and its keys go to whoever is next. */
  const givesWay = `steps AS (
          UPDATE ${runStep} s SET status = 'cancelled' FROM ended
          WHERE s.run_id = ended.id AND s.status IN ('pending', 'running', 'retrying')
        ), released AS (
          DELETE FROM ${runKey} k USING ended WHERE k.run_id = ended.id RETURNING k.key
        ), ${nextInLine}`;

  /** Rings for who is `next`, whether or not it can start yet. */
  const rungForNext = `(SELECT count(${ring(
    'r',
  )}) FROM ${run} r WHERE r.id IN (SELECT run_id FROM next)) AS rung`;

  return { nextNumber, ring, backAtEnd, nextInLine, givesWay, rungForNext };
}
