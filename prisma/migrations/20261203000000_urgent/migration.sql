-- Media that Telegram shows once, or for some seconds, are downloaded before all others.
BEGIN;
ALTER TABLE "message_media" ADD COLUMN "urgent" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "message_media_urgent" ON "message_media" ("chat_id", "media_id", "kind") WHERE "owed" = 'file' AND "urgent";
COMMIT;
