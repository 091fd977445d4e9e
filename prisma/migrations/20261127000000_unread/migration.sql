-- Messages that this version can read in part only: what is behind the part that it does not know is null, not empty and not 1970.
BEGIN;

ALTER TABLE "message" ALTER COLUMN "date" DROP NOT NULL, ALTER COLUMN "message" DROP NOT NULL, ADD COLUMN "unread_constructor" TEXT;
ALTER TABLE "message" ADD CONSTRAINT "message_mapped_whole" CHECK (NOT "mapped" OR ("date" IS NOT NULL AND "message" IS NOT NULL)) NOT VALID;
ALTER TABLE "message" VALIDATE CONSTRAINT "message_mapped_whole";

COMMIT;
