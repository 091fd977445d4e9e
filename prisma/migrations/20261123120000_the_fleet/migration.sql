-- Several media workers share the file connections evenly, and everybody can tell why a login is needed.
BEGIN;

ALTER TABLE "archive" ADD COLUMN "login_problem" TEXT;

-- CreateTable
CREATE TABLE "media_worker" (
    "id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "media_worker_pkey" PRIMARY KEY ("id")
);

-- Two media of one message never have the same name on disk.
CREATE UNIQUE INDEX "message_media_name" ON "message_media" ("chat_id", "message_id", "link_name");

COMMIT;
