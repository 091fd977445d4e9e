-- What a message said before it was edited, and what was deleted in Telegram: kept.
BEGIN;

-- as_of: the moment that the row shows, by this database's clock. NULL: stored by an earlier version.
ALTER TABLE "message" ADD COLUMN "as_of" TIMESTAMPTZ(6), ADD COLUMN "deleted_at" TIMESTAMPTZ(3), ADD COLUMN "deleted_reason" TEXT;

CREATE TABLE "message_version" (
    "chat_id" BIGINT NOT NULL,
    "id" BIGINT NOT NULL,
    "owner_id" BIGINT NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL,
    "message" TEXT,
    "entities" JSONB,
    "edit_date" TIMESTAMPTZ(3),
    "media_type" TEXT,
    "raw" JSONB NOT NULL,
    "raw_layer" INTEGER NOT NULL,
    "as_of" TIMESTAMPTZ(6),
    "replaced_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "message_version_pkey" PRIMARY KEY ("chat_id", "id", "owner_id", "version")
);

CREATE TABLE "tombstone" (
    "chat_id" BIGINT NOT NULL DEFAULT 0,
    "owner_id" BIGINT NOT NULL DEFAULT 0,
    "id" BIGINT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tombstone_pkey" PRIMARY KEY ("owner_id", "chat_id", "id")
);

COMMIT;
