-- Since when a saved file is known to be deleted by the person: what is gone beside these, all at once, is a question.
BEGIN;

-- AlterTable
ALTER TABLE "photo" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "document" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);

COMMIT;
