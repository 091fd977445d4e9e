-- Deletions that are mirrored: messages that were deleted in Telegram go from the archive, with their links and, if asked for, their files.
BEGIN;

-- mirror_allowed_at: a person allowed what was deleted until then. mirrored: how many went since mirrored_since, without being asked for.
ALTER TABLE "dialog" ADD COLUMN "deletions" TEXT NOT NULL DEFAULT 'keep', ADD COLUMN "mirror_files" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "mirror_allowed_at" TIMESTAMPTZ(3), ADD COLUMN "mirrored" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "mirrored_since" TIMESTAMPTZ(3),
  ADD CONSTRAINT "dialog_deletions" CHECK ("deletions" IN ('keep', 'mirror'));

-- Links whose message went, to be removed from the disk. name NULL: there is no link, but perhaps the file is not needed any more.
CREATE TABLE "unlinking" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "media_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "message_id" BIGINT NOT NULL,
    "folder" TEXT,
    "name" TEXT,
    "link_key" TEXT,
    "with_file" BOOLEAN NOT NULL,
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "unlinking_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "unlinking_kind" CHECK ("kind" IN ('photo', 'document'))
);
CREATE INDEX "unlinking_media" ON "unlinking" ("kind", "media_id");

-- Those of a chat that are deleted are few.
DROP INDEX "message_missing";
CREATE INDEX "message_deleted" ON "message" ("chat_id", "id") WHERE "deleted_at" IS NOT NULL;

COMMIT;
