-- What is owed for a media of a message is defined once, by owed_of, and Postgres keeps it beside the row: whoever looks for work reads an
-- index of what there is to do, however much is archived, failed or of chats that nobody wants any more.
BEGIN;

ALTER TABLE "photo" ADD COLUMN "reference_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "reference_refusals" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "document" ADD COLUMN "reference_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "reference_refusals" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "message_media" ADD COLUMN "owed" TEXT,
ADD COLUMN "reference_at" TIMESTAMPTZ(3),
ADD COLUMN "reference_retry_at" TIMESTAMPTZ(3),
ADD CONSTRAINT "message_media_owed" CHECK ("owed" IN ('file', 'reference'));

UPDATE photo SET reference_refused_at = NULL WHERE saved AND reference_refused_at IS NOT NULL;
UPDATE document SET reference_refused_at = NULL WHERE saved AND reference_refused_at IS NOT NULL;

-- Names are whole ones: who restores a dump has no search path.
CREATE OR REPLACE FUNCTION public.owed_of(it public.message_media, state TEXT, refused_at TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN it.link = 'pending' AND it.link_retry_at IS NULL AND (state = 'saved' OR state = 'owed' AND refused_at IS NULL) THEN 'file'
    WHEN state IN ('owed', 'saved') AND refused_at IS NOT NULL AND NOT it.stale AND it.reference_retry_at IS NULL THEN 'reference'
  END
$$;

CREATE OR REPLACE FUNCTION public.owed_by_message() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  media RECORD;
BEGIN
  IF NEW.kind = 'photo' THEN
    SELECT state, reference_refused_at, reference_at INTO media FROM public.photo WHERE id = NEW.media_id;
  ELSE
    SELECT state, reference_refused_at, reference_at INTO media FROM public.document WHERE id = NEW.media_id;
  END IF;
  NEW.owed := public.owed_of(NEW, media.state, media.reference_refused_at);
  NEW.reference_at := media.reference_at;
  RETURN NEW;
END
$$;
CREATE TRIGGER owed BEFORE INSERT OR UPDATE OF link, link_retry_at, reference_retry_at, stale ON message_media
  FOR EACH ROW EXECUTE FUNCTION public.owed_by_message();

CREATE OR REPLACE FUNCTION public.owed_by_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.message_media m SET owed = public.owed_of(m, NEW.state, NEW.reference_refused_at), reference_at = NEW.reference_at
  WHERE m.kind = TG_TABLE_NAME AND m.media_id = NEW.id
    AND (m.owed, m.reference_at) IS DISTINCT FROM (public.owed_of(m, NEW.state, NEW.reference_refused_at), NEW.reference_at);
  RETURN NULL;
END
$$;
-- At the end of the transaction: a media is locked before its messages, and these before their links, whatever else is written.
CREATE CONSTRAINT TRIGGER owed AFTER UPDATE ON photo DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.state, OLD.reference_refused_at, OLD.reference_at) IS DISTINCT FROM (NEW.state, NEW.reference_refused_at, NEW.reference_at))
  EXECUTE FUNCTION public.owed_by_media();
CREATE CONSTRAINT TRIGGER owed AFTER UPDATE ON document DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.state, OLD.reference_refused_at, OLD.reference_at) IS DISTINCT FROM (NEW.state, NEW.reference_refused_at, NEW.reference_at))
  EXECUTE FUNCTION public.owed_by_media();

UPDATE message_media SET stale = stale WHERE link = 'pending' OR (kind, media_id) IN (
  SELECT 'photo', id FROM photo WHERE reference_refused_at IS NOT NULL
  UNION ALL SELECT 'document', id FROM document WHERE reference_refused_at IS NOT NULL);

-- In the order in which files are planned: no other index has it, so that none is read in its place.
CREATE INDEX "message_media_owed_file" ON "message_media" ("chat_id", "media_id", "kind") WHERE "owed" = 'file';
-- Those whose reference is as old as one that was refused, and older: the next first.
CREATE INDEX "message_media_owed_by_age" ON "message_media" ("chat_id", "reference_at" DESC, "media_id", "kind") WHERE "owed" = 'file';
CREATE INDEX "message_media_owed_reference" ON "message_media" ("chat_id", "media_id", "kind") WHERE "owed" = 'reference';
CREATE INDEX "message_media_link_retry" ON "message_media" ("link_retry_at") WHERE "link_retry_at" IS NOT NULL;
CREATE INDEX "message_media_reference_retry" ON "message_media" ("reference_retry_at") WHERE "reference_retry_at" IS NOT NULL;
DROP INDEX "photo_owed", "document_owed";

COMMIT;
