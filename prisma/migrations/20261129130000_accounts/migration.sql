-- What one account knows leaves the tables of what is the same for everybody: how to reach a chat or a file and what is wanted of it, flood
-- waits, file slots and leases. Before the first login the account is 0.
BEGIN;

CREATE TABLE "dialog" (
    "account_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "access_hash" BIGINT,
    "wanted" BOOLEAN NOT NULL DEFAULT false,
    "range_from" BIGINT NOT NULL DEFAULT 0,
    "range_to" BIGINT NOT NULL DEFAULT 0,
    "top_message" BIGINT,
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "state_reason" TEXT,
    "retry_at" TIMESTAMPTZ(3),
    "surveyed_at" TIMESTAMPTZ(3),

    CONSTRAINT "dialog_pkey" PRIMARY KEY ("chat_id", "account_id"),
    CONSTRAINT "dialog_state" CHECK ("state" IN ('unknown', 'ok', 'unreadable')),
    CONSTRAINT "dialog_chat_id_fkey" FOREIGN KEY ("chat_id") REFERENCES "chat"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO dialog (account_id, chat_id, access_hash, wanted, range_from, range_to, top_message, state, state_reason, retry_at, surveyed_at)
  SELECT coalesce((SELECT account_id FROM archive), 0), id, access_hash, wanted, range_from, range_to, top_message, state, state_reason, retry_at,
    surveyed_at FROM chat;
ALTER TABLE "chat" DROP CONSTRAINT "chat_state",
DROP COLUMN "access_hash", DROP COLUMN "wanted", DROP COLUMN "range_from", DROP COLUMN "range_to", DROP COLUMN "top_message",
DROP COLUMN "state", DROP COLUMN "state_reason", DROP COLUMN "retry_at", DROP COLUMN "surveyed_at";

CREATE TABLE "peer_access" (
    "account_id" BIGINT NOT NULL,
    "peer_id" BIGINT NOT NULL,
    "access_hash" BIGINT NOT NULL,

    CONSTRAINT "peer_access_pkey" PRIMARY KEY ("peer_id", "account_id"),
    CONSTRAINT "peer_access_peer_id_fkey" FOREIGN KEY ("peer_id") REFERENCES "peer"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO peer_access (account_id, peer_id, access_hash)
  SELECT coalesce((SELECT account_id FROM archive), 0), id, access_hash FROM peer WHERE access_hash IS NOT NULL;
ALTER TABLE "peer" DROP COLUMN "access_hash";

CREATE TABLE "media_access" (
    "account_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "media_id" BIGINT NOT NULL,
    "access_hash" BIGINT NOT NULL,
    "file_reference" BYTEA NOT NULL,
    "reference_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reference_refused_at" TIMESTAMPTZ(3),
    "reference_refusals" INTEGER NOT NULL DEFAULT 0
);
INSERT INTO media_access
  SELECT coalesce((SELECT account_id FROM archive), 0), 'photo', id, access_hash, file_reference, reference_at, reference_refused_at,
    reference_refusals FROM photo
  UNION ALL SELECT coalesce((SELECT account_id FROM archive), 0), 'document', id, access_hash, file_reference, reference_at,
    reference_refused_at, reference_refusals FROM document;
ALTER TABLE "media_access" ADD CONSTRAINT "media_access_pkey" PRIMARY KEY ("kind", "media_id", "account_id"),
ADD CONSTRAINT "media_access_kind" CHECK ("kind" IN ('photo', 'document'));
CREATE INDEX "media_access_refused" ON "media_access" ("kind", "media_id") WHERE "reference_refused_at" IS NOT NULL;

-- A media of a message is reached by whom the message belongs to; everybody's by any account: the newest reference that was not refused counts.
CREATE VIEW public.media_reference AS
  SELECT kind, media_id, account_id AS owner_id, reference_at, reference_refused_at FROM public.media_access WHERE account_id <> 0
  UNION ALL
  SELECT kind, media_id, 0, max(reference_at), CASE WHEN bool_and(reference_refused_at IS NOT NULL) THEN max(reference_refused_at) END
  FROM public.media_access GROUP BY kind, media_id;

CREATE OR REPLACE FUNCTION public.owed_by_message() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  state TEXT;
  reference RECORD;
BEGIN
  IF NEW.kind = 'photo' THEN
    SELECT p.state INTO state FROM public.photo p WHERE id = NEW.media_id;
  ELSE
    SELECT d.state INTO state FROM public.document d WHERE id = NEW.media_id;
  END IF;
  SELECT r.reference_at, r.reference_refused_at INTO reference FROM public.media_reference r
    WHERE r.kind = NEW.kind AND r.media_id = NEW.media_id AND r.owner_id = NEW.owner_id;
  NEW.owed := public.owed_of(NEW, state, reference.reference_refused_at);
  NEW.reference_at := reference.reference_at;
  RETURN NEW;
END
$$;

DROP TRIGGER owed ON photo;
DROP TRIGGER owed ON document;
DROP FUNCTION public.owed_by_media();

-- Writes only rows that change.
CREATE OR REPLACE FUNCTION public.owed_again(of_kind TEXT, of_media BIGINT, state TEXT) RETURNS VOID LANGUAGE sql AS $$
  UPDATE public.message_media m SET owed = public.owed_of(m, state, r.reference_refused_at), reference_at = r.reference_at
  FROM public.media_reference r
  WHERE m.kind = of_kind AND m.media_id = of_media AND r.kind = of_kind AND r.media_id = of_media AND r.owner_id = m.owner_id
    AND (m.owed, m.reference_at) IS DISTINCT FROM (public.owed_of(m, state, r.reference_refused_at), r.reference_at)
$$;
CREATE OR REPLACE FUNCTION public.owed_by_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM public.owed_again(TG_TABLE_NAME, NEW.id, NEW.state);
  RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION public.owed_by_access() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  state TEXT;
BEGIN
  IF NEW.kind = 'photo' THEN
    SELECT p.state INTO state FROM public.photo p WHERE id = NEW.media_id;
  ELSE
    SELECT d.state INTO state FROM public.document d WHERE id = NEW.media_id;
  END IF;
  PERFORM public.owed_again(NEW.kind, NEW.media_id, state);
  RETURN NULL;
END
$$;
-- At the end of the transaction: a media is locked before its access, then its messages, then their links, whatever else is written.
CREATE CONSTRAINT TRIGGER owed AFTER UPDATE ON photo DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION public.owed_by_media();
CREATE CONSTRAINT TRIGGER owed AFTER UPDATE ON document DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION public.owed_by_media();
CREATE CONSTRAINT TRIGGER owed AFTER UPDATE ON media_access DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.reference_refused_at, OLD.reference_at) IS DISTINCT FROM (NEW.reference_refused_at, NEW.reference_at))
  EXECUTE FUNCTION public.owed_by_access();

DROP INDEX "photo_refused", "document_refused";
ALTER TABLE "photo" DROP COLUMN "access_hash", DROP COLUMN "file_reference", DROP COLUMN "reference_at", DROP COLUMN "reference_refused_at",
DROP COLUMN "reference_refusals";
ALTER TABLE "document" DROP COLUMN "access_hash", DROP COLUMN "file_reference", DROP COLUMN "reference_at", DROP COLUMN "reference_refused_at",
DROP COLUMN "reference_refusals";

ALTER TABLE "flood_wait" ADD COLUMN "account_id" BIGINT NOT NULL DEFAULT 0;
UPDATE flood_wait SET account_id = account.id FROM (SELECT account_id AS id FROM archive WHERE account_id IS NOT NULL) account;
ALTER TABLE "flood_wait" ALTER COLUMN "account_id" DROP DEFAULT, DROP CONSTRAINT "flood_wait_pkey",
ADD CONSTRAINT "flood_wait_pkey" PRIMARY KEY ("account_id", "method", "dc_id");
ALTER TABLE "file_slot" ADD COLUMN "account_id" BIGINT NOT NULL DEFAULT 0;
UPDATE file_slot SET account_id = account.id FROM (SELECT account_id AS id FROM archive WHERE account_id IS NOT NULL) account;
ALTER TABLE "file_slot" ALTER COLUMN "account_id" DROP DEFAULT, DROP CONSTRAINT "file_slot_pkey",
ADD CONSTRAINT "file_slot_pkey" PRIMARY KEY ("account_id", "dc_id", "slot");
ALTER TABLE "session_lease" ADD COLUMN "account_id" BIGINT;
UPDATE session_lease SET account_id = (SELECT account_id FROM archive);

COMMIT;
