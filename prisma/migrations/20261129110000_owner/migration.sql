-- Whose messages these are: 0 for those of channels and supergroups, which are the same for everybody. An account's own are marked by the
-- program, some at a time, before the keys of the next migration need it (packages/shared/src/db/mark-owners.ts).
BEGIN;

ALTER TABLE "message" ADD COLUMN "owner_id" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "message_media" ADD COLUMN "owner_id" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "coverage" ADD COLUMN "owner_id" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "not_visible" ADD COLUMN "owner_id" BIGINT NOT NULL DEFAULT 0;

COMMIT;
