-- Reactions change without an edit, and are told apart from the rest of a message: an older answer does not bring older ones back.
-- expired_at: Telegram no longer shows the media, which could be viewed once or for some seconds. What was seen of them stays.
BEGIN;

ALTER TABLE "message" ADD COLUMN "reactions_as_of" TIMESTAMPTZ(6), ADD COLUMN "expired_at" TIMESTAMPTZ(3);

-- A poll is told of by its own id alone, wherever it is.
CREATE INDEX "message_poll_idx" ON "message" (("raw" #>> '{media,poll,id}')) WHERE "media_type" = 'MessageMediaPoll';

COMMIT;
