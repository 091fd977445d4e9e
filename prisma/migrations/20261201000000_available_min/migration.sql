-- What a chat no longer shows to an account, although it still exists.
BEGIN;

ALTER TABLE "dialog" ADD COLUMN "available_min_id" BIGINT;

COMMIT;
