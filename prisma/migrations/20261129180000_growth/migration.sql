-- What status shows of a chat is counted when it has changed, not whenever somebody looks: counting ten million messages takes seconds. Whoever
-- changes messages or links adds a row to chat_changed, which blocks nobody, and whoever looks counts those chats again.
BEGIN;

CREATE TABLE "chat_count" (
    "chat_id" BIGINT NOT NULL,
    "messages" INTEGER NOT NULL DEFAULT 0,
    "media_saved" INTEGER NOT NULL DEFAULT 0,
    "media_owed" INTEGER NOT NULL DEFAULT 0,
    "media_failed" INTEGER NOT NULL DEFAULT 0,
    "media_absent" INTEGER NOT NULL DEFAULT 0,
    "media_skipped" INTEGER NOT NULL DEFAULT 0,
    "media_deleted" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "chat_count_pkey" PRIMARY KEY ("chat_id")
);

CREATE TABLE "chat_changed" (
    "id" BIGSERIAL NOT NULL,
    "chat_id" BIGINT NOT NULL,

    CONSTRAINT "chat_changed_pkey" PRIMARY KEY ("id")
);

-- Names are whole ones: who restores a dump has no search path.
CREATE OR REPLACE FUNCTION public.chat_changed_by_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.chat_changed (chat_id) SELECT DISTINCT chat_id FROM changed;
  RETURN NULL;
END
$$;
CREATE TRIGGER counted_added AFTER INSERT ON message REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_rows();
CREATE TRIGGER counted_removed AFTER DELETE ON message REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_rows();
CREATE TRIGGER counted_added AFTER INSERT ON message_media REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_rows();
CREATE TRIGGER counted_removed AFTER DELETE ON message_media REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_rows();

CREATE OR REPLACE FUNCTION public.chat_changed_by_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.chat_changed (chat_id)
    SELECT DISTINCT chat_id FROM linked JOIN unlinked USING (chat_id, message_id, owner_id, kind, media_id) WHERE linked.link <> unlinked.link;
  RETURN NULL;
END
$$;
CREATE TRIGGER counted_linked AFTER UPDATE ON message_media REFERENCING OLD TABLE AS unlinked NEW TABLE AS linked
  FOR EACH STATEMENT EXECUTE FUNCTION public.chat_changed_by_links();

CREATE OR REPLACE FUNCTION public.chat_changed_by_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.chat_changed (chat_id)
    SELECT DISTINCT chat_id FROM public.message_media WHERE kind = TG_TABLE_NAME AND media_id = NEW.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER counted_added AFTER INSERT ON photo FOR EACH ROW EXECUTE FUNCTION public.chat_changed_by_media();
CREATE TRIGGER counted_added AFTER INSERT ON document FOR EACH ROW EXECUTE FUNCTION public.chat_changed_by_media();
CREATE TRIGGER counted AFTER UPDATE ON photo FOR EACH ROW
  WHEN ((OLD.state, OLD.size, OLD.deleted_at IS NULL) IS DISTINCT FROM (NEW.state, NEW.size, NEW.deleted_at IS NULL))
  EXECUTE FUNCTION public.chat_changed_by_media();
CREATE TRIGGER counted AFTER UPDATE ON document FOR EACH ROW
  WHEN ((OLD.state, OLD.size, OLD.deleted_at IS NULL) IS DISTINCT FROM (NEW.state, NEW.size, NEW.deleted_at IS NULL))
  EXECUTE FUNCTION public.chat_changed_by_media();

INSERT INTO "chat_changed" ("chat_id") SELECT "id" FROM "chat";

-- Faster to compress and to read. It concerns new rows only, and only those of more than two kilobytes. Not every Postgres is built with it.
DO $$
BEGIN
  EXECUTE 'ALTER TABLE public.message ALTER COLUMN raw SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN
  NULL;
END
$$;

COMMIT;
