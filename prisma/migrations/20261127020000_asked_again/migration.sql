-- Messages that are worth asking for again: a newer layer says more of them, or a preview was not ready yet.
BEGIN;

ALTER TABLE "message" ADD COLUMN "ask_again_at" TIMESTAMPTZ(3);
ALTER TABLE "archive" ADD COLUMN "layer" INTEGER;

-- CreateIndex
CREATE INDEX "message_asked_again" ON "message" ("chat_id", "ask_again_at") WHERE "ask_again_at" IS NOT NULL;

COMMIT;
