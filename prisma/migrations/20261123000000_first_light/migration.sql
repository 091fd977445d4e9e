-- The tables of the first version. A migration is not atomic by itself, hence BEGIN and COMMIT.
BEGIN;

-- CreateTable
CREATE TABLE "archive" (
    "id" UUID NOT NULL,
    "only" BOOLEAN NOT NULL DEFAULT true,
    "account_id" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "archive_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "settings" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "value" JSONB NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("only")
);

-- CreateTable
CREATE TABLE "account" (
    "id" BIGINT NOT NULL,
    "pts" INTEGER NOT NULL,
    "qts" INTEGER NOT NULL,
    "date" TIMESTAMPTZ(3) NOT NULL,
    "seq" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_lease" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "holder" UUID NOT NULL,
    "fence" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_lease_pkey" PRIMARY KEY ("only")
);

-- CreateTable
CREATE TABLE "file_slot" (
    "dc_id" INTEGER NOT NULL,
    "slot" INTEGER NOT NULL,
    "holder" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "file_slot_pkey" PRIMARY KEY ("dc_id","slot")
);

-- CreateTable
CREATE TABLE "flood_wait" (
    "method" TEXT NOT NULL,
    "dc_id" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "flood_wait_pkey" PRIMARY KEY ("method","dc_id")
);

-- CreateTable
CREATE TABLE "chat" (
    "id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "username" TEXT,
    "access_hash" BIGINT,
    "wanted" BOOLEAN NOT NULL DEFAULT false,
    "range_from" BIGINT NOT NULL DEFAULT 0,
    "range_to" BIGINT NOT NULL DEFAULT 0,
    "top_message" BIGINT,
    "pts" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "state_reason" TEXT,
    "retry_at" TIMESTAMPTZ(3),
    "surveyed_at" TIMESTAMPTZ(3),
    "migrated_to" BIGINT,

    CONSTRAINT "chat_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "coverage" (
    "chat_id" BIGINT NOT NULL,
    "from_id" BIGINT NOT NULL,
    "to_id" BIGINT NOT NULL,

    CONSTRAINT "coverage_pkey" PRIMARY KEY ("chat_id","from_id")
);

-- CreateTable
CREATE TABLE "peer" (
    "id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "username" TEXT,
    "access_hash" BIGINT,
    "raw" JSONB NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "peer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message" (
    "id" BIGINT NOT NULL,
    "chat_id" BIGINT NOT NULL,
    "account_id" BIGINT,
    "sender_id" BIGINT,
    "date" TIMESTAMPTZ(3) NOT NULL,
    "edit_date" TIMESTAMPTZ(3),
    "message" TEXT NOT NULL,
    "entities" JSONB,
    "reply_to_msg_id" BIGINT,
    "reply_to_chat_id" BIGINT,
    "reply_to_sender_id" BIGINT,
    "fwd_from_msg_id" BIGINT,
    "fwd_from_chat_id" BIGINT,
    "fwd_from_sender_id" BIGINT,
    "fwd_from_name" TEXT,
    "fwd_from_date" TIMESTAMPTZ(3),
    "photo_id" BIGINT,
    "document_id" BIGINT,
    "linked" BOOLEAN NOT NULL DEFAULT false,
    "grouped_id" BIGINT,
    "topic_id" BIGINT,
    "via_bot_id" BIGINT,
    "post_author" TEXT,
    "views" INTEGER,
    "forwards" INTEGER,
    "action" TEXT,
    "media_type" TEXT,
    "raw" JSONB NOT NULL,
    "raw_layer" INTEGER NOT NULL,
    "mapped" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id","chat_id")
);

-- CreateTable
CREATE TABLE "message_media" (
    "chat_id" BIGINT NOT NULL,
    "message_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "media_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "via" TEXT NOT NULL,
    "link" TEXT NOT NULL DEFAULT 'pending',
    "link_name" TEXT,
    "stale" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "message_media_pkey" PRIMARY KEY ("chat_id","message_id","kind","media_id")
);

-- CreateTable
CREATE TABLE "photo" (
    "id" BIGINT NOT NULL,
    "saved" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL DEFAULT 'owed',
    "reason" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "dc_id" INTEGER NOT NULL,
    "access_hash" BIGINT NOT NULL,
    "file_reference" BYTEA NOT NULL,
    "reference_refused_at" TIMESTAMPTZ(3),
    "size" BIGINT NOT NULL,
    "thumb_size" TEXT NOT NULL,
    "type" TEXT NOT NULL DEFAULT 'image/jpeg',
    "claim" BIGINT NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3),
    "sha256" TEXT,
    "file_name" TEXT,
    "saved_at" TIMESTAMPTZ(3),

    CONSTRAINT "photo_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "document" (
    "id" BIGINT NOT NULL,
    "saved" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL DEFAULT 'owed',
    "reason" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "dc_id" INTEGER NOT NULL,
    "access_hash" BIGINT NOT NULL,
    "file_reference" BYTEA NOT NULL,
    "reference_refused_at" TIMESTAMPTZ(3),
    "size" BIGINT NOT NULL,
    "type" TEXT,
    "name" TEXT,
    "claim" BIGINT NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3),
    "sha256" TEXT,
    "file_name" TEXT,
    "saved_at" TIMESTAMPTZ(3),

    CONSTRAINT "document_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "archive_only_key" ON "archive"("only");

-- CreateIndex
CREATE INDEX "message_chat_id_id_idx" ON "message"("chat_id", "id");

-- CreateIndex
CREATE INDEX "message_media_kind_media_id_idx" ON "message_media"("kind", "media_id");


-- One row only.
ALTER TABLE "archive" ADD CONSTRAINT "archive_only" CHECK ("only");
ALTER TABLE "settings" ADD CONSTRAINT "settings_only" CHECK ("only");
ALTER TABLE "account_lease" ADD CONSTRAINT "account_lease_only" CHECK ("only");

-- A range has its ends in order.
ALTER TABLE "coverage" ADD CONSTRAINT "coverage_order" CHECK ("from_id" <= "to_id");

-- What the planner asks every few seconds: only the few rows that are still owed are in these.
CREATE INDEX "photo_owed" ON "photo" ("id") WHERE "state" = 'owed';
CREATE INDEX "document_owed" ON "document" ("id") WHERE "state" = 'owed';
CREATE INDEX "message_media_pending" ON "message_media" ("kind", "media_id") WHERE "link" = 'pending';
CREATE INDEX "message_unlinked" ON "message" ("chat_id", "id") WHERE NOT "linked";

COMMIT;
