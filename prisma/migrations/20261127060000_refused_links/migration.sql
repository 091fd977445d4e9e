-- A link that the disk refuses is owed with its reason and tried again after minutes. One that is a copy for such a reason is right.
BEGIN;

-- AlterTable
ALTER TABLE "message_media" ADD COLUMN "link_reason" TEXT,
ADD COLUMN "link_retry_at" TIMESTAMPTZ(3),
ADD COLUMN "link_tries" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "link_copied" BOOLEAN NOT NULL DEFAULT false;

COMMIT;
