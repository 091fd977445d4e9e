-- Names and folders of links from templates: where each link is, which chat each folder belongs to, and what topics are called. Links in
-- the folder of their chat's id, with the message id in front, need neither folder nor key, so no row is rewritten here.
BEGIN;

ALTER TABLE "message_media" ADD COLUMN "link_folder" TEXT,
ADD COLUMN "link_key" TEXT COLLATE "C",
ADD CONSTRAINT "message_media_link_folder" CHECK ("link_folder" !~ '(^|/)([.][.]?)?(/|$)'),
ADD CONSTRAINT "message_media_link_key" CHECK (("link_folder" IS NULL) = ("link_key" IS NULL));
CREATE UNIQUE INDEX "message_media_link_key_key" ON "message_media" ("link_key") WHERE "link_key" IS NOT NULL;

CREATE TABLE "chat_folder" (
    "key" TEXT COLLATE "C" NOT NULL,
    "chat_id" BIGINT NOT NULL,

    CONSTRAINT "chat_folder_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "folder_title" (
    "chat_id" BIGINT NOT NULL,
    "title" TEXT NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "folder_title_pkey" PRIMARY KEY ("chat_id")
);
CREATE UNIQUE INDEX "folder_title_key_key" ON "folder_title" ("key");

CREATE TABLE "topic" (
    "chat_id" BIGINT NOT NULL,
    "owner_id" BIGINT NOT NULL DEFAULT 0,
    "id" BIGINT NOT NULL,
    "title" TEXT NOT NULL,

    CONSTRAINT "topic_pkey" PRIMARY KEY ("chat_id", "owner_id", "id")
);

COMMIT;
