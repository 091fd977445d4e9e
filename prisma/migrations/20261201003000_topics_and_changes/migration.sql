-- What becomes of topics, and chats of which Telegram told that something about them has changed.
BEGIN;

-- as_of: the moment that the row shows, by this database's clock.
ALTER TABLE "topic" ADD COLUMN "closed" BOOLEAN NOT NULL DEFAULT false, ADD COLUMN "hidden" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "deleted_at" TIMESTAMPTZ(3), ADD COLUMN "as_of" TIMESTAMPTZ(6);

-- A survey that was asked for earlier does not know of the change.
ALTER TABLE "dialog" ADD COLUMN "changed_at" TIMESTAMPTZ(6);

COMMIT;
