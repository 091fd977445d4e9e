-- Rechecks: what is stored is read again by id, to find edits and deletions that no update told of.
BEGIN;

-- recheck: how often which messages are wanted to be read again. recheck_rounds: when the rounds of each of these rules began.
ALTER TABLE "dialog" ADD COLUMN "recheck" JSONB NOT NULL DEFAULT '[]', ADD COLUMN "recheck_rounds" JSONB NOT NULL DEFAULT '{}';

-- The pace of an account: nothing more is read again before this time.
ALTER TABLE "account" ADD COLUMN "recheck_after" TIMESTAMPTZ(3);

-- What is to be read again: from from_id up to to_id, which falls as messages are read.
CREATE TABLE "recheck" (
    "id" BIGSERIAL NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "owner_id" BIGINT NOT NULL DEFAULT 0,
    "from_id" BIGINT NOT NULL,
    "to_id" BIGINT NOT NULL,
    "top_id" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "recheck_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "recheck_reason" CHECK ("reason" IN ('recent', 'hole', 'resync', 'missing'))
);
CREATE INDEX "recheck_chat" ON "recheck" ("chat_id", "owner_id");

-- Ids of a chat of which every stored message was read again after this time. Ranges of one chat do not overlap.
CREATE TABLE "rechecked" (
    "chat_id" BIGINT NOT NULL,
    "owner_id" BIGINT NOT NULL DEFAULT 0,
    "from_id" BIGINT NOT NULL,
    "to_id" BIGINT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rechecked_pkey" PRIMARY KEY ("chat_id", "owner_id", "from_id"),
    CONSTRAINT "rechecked_order" CHECK ("from_id" <= "to_id")
);

-- Messages that were not found: they are few, and looked for again.
CREATE INDEX "message_missing" ON "message" ("chat_id", "id") WHERE "deleted_reason" = 'missing';

COMMIT;
