-- Chats of which too much has happened for a difference: which of their messages are pinned is to be asked for.
BEGIN;

ALTER TABLE "dialog" ADD COLUMN "pins_due" TIMESTAMPTZ(3);
CREATE INDEX "dialog_pins_due" ON "dialog" ("account_id", "pins_due") WHERE "pins_due" IS NOT NULL;

COMMIT;
