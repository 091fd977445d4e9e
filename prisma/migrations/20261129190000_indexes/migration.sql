-- A session keeps the plans of a trigger. Made for a few rows, they took time by the square of the rows of a later statement, or read all links
-- for every new file, until the next ANALYZE. So what is right only for a few is ruled out.
BEGIN;

ALTER FUNCTION public.owed_by_message() SET enable_seqscan = off;
ALTER FUNCTION public.owed_by_media() SET enable_seqscan = off;
ALTER FUNCTION public.owed_by_access() SET enable_seqscan = off;
ALTER FUNCTION public.chat_changed_by_media() SET enable_seqscan = off;
ALTER FUNCTION public.chat_changed_by_links() SET enable_nestloop = off;

-- New files come a page at a time, and hardly ever is there a link before them: one look for all of them.
CREATE OR REPLACE FUNCTION public.chat_changed_by_new_media() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  of_kind TEXT := TG_TABLE_NAME; -- a name is compared by another collation than the index has
BEGIN
  INSERT INTO public.chat_changed (chat_id)
    SELECT DISTINCT m.chat_id FROM added JOIN public.message_media m ON m.kind = of_kind AND m.media_id = added.id;
  RETURN NULL;
END
$$;
DROP TRIGGER counted_added ON photo;
CREATE TRIGGER counted_added AFTER INSERT ON photo REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_new_media();
DROP TRIGGER counted_added ON document;
CREATE TRIGGER counted_added AFTER INSERT ON document REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_new_media();

COMMIT;
