-- How many messages went without being asked for, and when: what counts is the last day, whenever that is.
BEGIN;
CREATE TABLE "removal" (
    "id" BIGSERIAL NOT NULL,
    "account_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "messages" INTEGER NOT NULL,
    "removed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "removal_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "removal_chat" ON "removal" ("chat_id", "account_id", "removed_at");
INSERT INTO "removal" ("account_id", "chat_id", "messages") SELECT "account_id", "chat_id", "mirrored" FROM "dialog"
WHERE "mirrored" > 0 AND "mirrored_since" > now() - interval '1 day';
ALTER TABLE "dialog" DROP COLUMN "mirrored", DROP COLUMN "mirrored_since";
COMMIT;
