import { createInSchema } from './schemaNames';
import { createSummary } from './summary';
import { RunQuery } from './types';

/** Numbers are given in the order of requests, but for those that were under way at the same moment, and for a clock that was set back. */
const CLOCK_SLACK = `interval '15 minutes'`;

/**
 * Makes the statement for a page of the list. It has no name and is planned anew each time: which index helps depends on what is asked for.
 * The rows are counted out before anything is added to them.
 */
export function createListStatement(schemas: { schema: string }) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const { columns, summary } = createSummary(schemas);

  const isBehind = `EXISTS (
    SELECT FROM ${runKey} mine JOIN ${runKey} other ON other.key = mine.key AND other.run_id <> mine.run_id
    WHERE mine.run_id = r.id AND NOT mine.active AND (other.active OR other.seq < mine.seq))`;

  return (query: RunQuery): { text: string; values: unknown[] } => {
    const values: unknown[] = [];
    const put = (value: unknown) => `$${values.push(value)}`;
    const conditions: string[] = [];
    const restrict = (column: string, value: string | undefined) => {
      if (value !== undefined) conditions.push(`r.${column} = ${put(value)}`);
    };
    restrict('entity_ref', query.entityRef);
    restrict('kind', query.kind);
    restrict('environment', query.environment);
    restrict('requested_by', query.requestedBy);
    if (query.before !== undefined)
      conditions.push(`r.number < ${put(query.before)}`);
    if (query.from) {
      const from = `${put(query.from)}::timestamptz`;
      conditions.push(
        `r.requested_at >= ${from}`,
        `r.number > coalesce((SELECT number FROM ${run} WHERE requested_at < ${from} - ${CLOCK_SLACK}
          ORDER BY requested_at DESC LIMIT 1), 0)`,
      );
    }
    if (query.to) {
      const to = `${put(query.to)}::timestamptz`;
      conditions.push(
        `r.requested_at < ${to}`,
        `r.number < coalesce((SELECT number FROM ${run} WHERE requested_at >= ${to} + ${CLOCK_SLACK}
          ORDER BY requested_at LIMIT 1), ${Number.MAX_SAFE_INTEGER})`,
      );
    }
    const limit = put(query.limit);
    const newest = (more: string[]) => {
      const all = [...conditions, ...more];
      return `(SELECT ${columns} FROM ${run} r ${
        all.length > 0 ? `WHERE ${all.join(' AND ')}` : ''
      } ORDER BY r.number DESC LIMIT ${limit})`;
    };

    const parts = query.statuses
      ? // One by one, each in the order of its index: together they would have to be sorted.
        partsOf(query.statuses).map(part =>
          newest([
            `r.status = ${put(part.stored)}`,
            ...(part.behind === undefined
              ? []
              : [part.behind ? isBehind : `NOT ${isBehind}`]),
          ]),
        )
      : [newest([])];
    const page = `(SELECT * FROM (${parts.join(
      ' UNION ALL ',
    )}) found ORDER BY number DESC LIMIT ${limit})`;
    return { text: `${summary(page)} ORDER BY r.number DESC`, values };
  };
}

/** What is stored under the statuses that are shown: a run that stands in line behind another is shown as waiting. */
function partsOf(
  shown: readonly string[],
): Array<{ stored: string; behind?: boolean }> {
  const all = [...new Set(shown)];
  const isQueued = all.includes('queued');
  const isWaiting = all.includes('waiting');
  const parts: Array<{ stored: string; behind?: boolean }> = all
    .filter(status => status !== 'queued')
    .map(stored => ({ stored }));
  if (isQueued || isWaiting)
    parts.push({
      stored: 'queued',
      behind: isQueued === isWaiting ? undefined : isWaiting,
    });
  return parts;
}
