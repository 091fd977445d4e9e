-- Heads of histories that the history does not show and of which samples by id found nothing: not read, and not owed for a while.
BEGIN;

-- CreateTable
CREATE TABLE "not_visible" (
    "chat_id" BIGINT NOT NULL,
    "from_id" BIGINT NOT NULL,
    "to_id" BIGINT NOT NULL,
    "sampled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "not_visible_pkey" PRIMARY KEY ("chat_id", "from_id"),
    CONSTRAINT "not_visible_range" CHECK ("from_id" <= "to_id")
);

COMMIT;
