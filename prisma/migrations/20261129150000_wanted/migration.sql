-- What is wanted of a chat: rules for its media, and messages of a period. What a rule skips is recorded with the rule, and decided again
-- when the rules change.
BEGIN;

ALTER TABLE "dialog" ADD COLUMN "rules" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN "rules_applied" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN "since" TIMESTAMPTZ(3),
ADD COLUMN "until" TIMESTAMPTZ(3),
ADD COLUMN "since_id" BIGINT,
ADD COLUMN "until_id" BIGINT,
ADD COLUMN "bounds_at" TIMESTAMPTZ(3);

ALTER TABLE "document" ADD COLUMN "category" TEXT,
ADD CONSTRAINT "document_category" CHECK ("category" IN ('video', 'voice', 'round', 'audio', 'sticker', 'animation', 'document'));

ALTER TABLE "message_media" ADD COLUMN "rule" TEXT,
DROP CONSTRAINT "message_media_link",
ADD CONSTRAINT "message_media_link" CHECK ("link" IN ('pending', 'linked', 'absent', 'skipped')),
ADD CONSTRAINT "message_media_rule" CHECK (("rule" IS NOT NULL) = ("link" = 'skipped'));
CREATE INDEX "message_media_skipped" ON "message_media" ("chat_id", "message_id") WHERE "link" = 'skipped';

-- What `tgsync plan` found out about history that was not read yet.
CREATE TABLE "plan_sample" (
    "account_id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "request" TEXT NOT NULL,
    "sample" JSONB NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_sample_pkey" PRIMARY KEY ("account_id", "chat_id", "request")
);

COMMIT;
