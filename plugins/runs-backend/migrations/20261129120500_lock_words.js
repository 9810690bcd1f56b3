// @ts-check

/**
 * Who changed a lock and why, for the audit trail; and a trail that knows locks of more than components: such a lock is on no entity, and who may
 * see the trail sees what became of it. One that has ended by itself was released by nobody.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(
    `ALTER TABLE "lock" ADD COLUMN changed_by text, ADD COLUMN change_reason text`,
  );
  await knex.raw(`
    CREATE OR REPLACE FUNCTION audit_lock() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      present jsonb := jsonb_strip_nulls(to_jsonb(NEW));
      former jsonb := CASE TG_OP WHEN 'UPDATE' THEN jsonb_strip_nulls(to_jsonb(OLD)) ELSE '{}' END;
      about jsonb;
      entries jsonb;
    BEGIN
      about := jsonb_build_object(
        'entity_ref', CASE WHEN present ->> 'entity_ref' LIKE '%/%' THEN present ->> 'entity_ref' END,
        'environment', present ->> 'environment', 'action', 'lock',
        'what', initcap(coalesce(present ->> 'kind', 'lock')) || CASE present ->> 'scope'
          WHEN 'platform' THEN ' of everything' WHEN 'environment' THEN ' of an environment' WHEN 'system' THEN ' of a system'
          WHEN 'cluster' THEN ' of cluster ' || (present ->> 'cluster') ELSE '' END,
        'reason', present ->> 'reason');
      IF TG_OP = 'INSERT' THEN
        entries := jsonb_build_array(about || jsonb_build_object('event', 'lock-set', 'actor', present ->> 'created_by',
          'after', coalesce('until ' || (present ->> 'expires_at'), 'without end'), 'details', present));
      ELSIF former ->> 'released_at' IS NULL AND present ->> 'released_at' IS NOT NULL THEN
        entries := jsonb_build_array(about || jsonb_build_object('event', 'lock-release', 'actor', present ->> 'released_by',
          'before', coalesce('until ' || (former ->> 'expires_at'), 'without end'),
          'after', CASE WHEN present ->> 'released_by' IS NULL THEN 'expired' ELSE 'released' END,
          'reason', coalesce(present ->> 'release_reason', present ->> 'reason'), 'details', present));
      ELSE
        SELECT jsonb_build_array(about || jsonb_build_object('event', 'lock-change', 'actor', present ->> 'changed_by',
            'before', string_agg(key || ' ' || coalesce(former ->> key, '-'), ', ' ORDER BY key),
            'after', string_agg(key || ' ' || coalesce(present ->> key, '-'), ', ' ORDER BY key),
            'reason', coalesce(present ->> 'change_reason', present ->> 'reason'), 'details', present))
          INTO entries
          FROM (SELECT jsonb_object_keys(present || former) AS key) keys
          WHERE (present -> key) IS DISTINCT FROM (former -> key) AND key NOT IN ('changed_by', 'change_reason');
      END IF;
      EXECUTE format('INSERT INTO %I.audit (event, actor, entity_ref, environment, action, run_id, run_number, what, before, after, reason, details)
        SELECT event, actor, entity_ref, environment, action, run_id, run_number, what, before, after, reason, details
        FROM jsonb_to_recordset($1) AS e(event text, actor text, entity_ref text, environment text, action text, run_id uuid, run_number bigint,
          what text, before text, after text, reason text, details jsonb)', TG_TABLE_SCHEMA) USING entries;
      RETURN NULL;
    END $$`);
};

/**
 * The function stays: it reads what is there, and the trail that it belongs to is put away by its own migration.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(
    `ALTER TABLE "lock" DROP COLUMN changed_by, DROP COLUMN change_reason`,
  );
};
