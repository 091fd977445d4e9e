/**
 * without-events.ts: BullMQ's queues in Postgres announce each step of each job: a row, and a notification that wakes every worker's
 * connection. Nobody listens, as nothing may depend on events, so they are left out. Only added jobs are still announced.
 */

/** Under a lock, as several processes start at once; not if the function is another role's, as it works as it is. */
const leaveOut = `
  DO $do$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tgsync: events of queues'));
    IF EXISTS (
      SELECT FROM pg_proc WHERE oid = to_regprocedure('publish_event(text, text, jsonb)')
        AND prosrc <> 'SELECT 0::bigint' AND pg_has_role(proowner, 'USAGE')) THEN
      CREATE OR REPLACE FUNCTION publish_event(p_queue text, p_event text, p_data jsonb) RETURNS bigint
        LANGUAGE sql AS 'SELECT 0::bigint';
    END IF;
  END $do$`;

/** Call it after BullMQ's migrations, on a connection whose search path is their schema. */
export async function withoutEvents(client: { query(text: string): Promise<unknown> }): Promise<void> {
  await client.query(leaveOut);
}
