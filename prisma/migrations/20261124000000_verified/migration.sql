-- `tgsync verify --deep` reads every file, which takes days for a big archive: what it has read is remembered.
BEGIN;

ALTER TABLE "photo" ADD COLUMN "verified_at" TIMESTAMPTZ(3), ADD COLUMN "damaged_at" TIMESTAMPTZ(3);
ALTER TABLE "document" ADD COLUMN "verified_at" TIMESTAMPTZ(3), ADD COLUMN "damaged_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "deep_verification" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "began_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "deep_verification_pkey" PRIMARY KEY ("only")
);

-- One row only.
ALTER TABLE "deep_verification" ADD CONSTRAINT "deep_verification_only" CHECK ("only");

-- Messages that only their raw form is right of: few, and counted by every verification.
CREATE INDEX "message_unmapped" ON "message" ("chat_id", "id") WHERE NOT "mapped";

COMMIT;
