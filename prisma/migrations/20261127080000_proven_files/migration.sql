-- Saved files are held against the hashes that Telegram tells of them, now and then: when that was, and since when one differs.
BEGIN;

-- AlterTable
ALTER TABLE "photo" ADD COLUMN "proven_at" TIMESTAMPTZ(3),
ADD COLUMN "differs_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "document" ADD COLUMN "proven_at" TIMESTAMPTZ(3),
ADD COLUMN "differs_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "photo_unproven" ON "photo" ("id") WHERE "saved" AND "proven_at" IS NULL;

-- CreateIndex
CREATE INDEX "document_unproven" ON "document" ("id") WHERE "saved" AND "proven_at" IS NULL;

COMMIT;
