-- What tg.chats names, key by key, and the chats that it means: Telegram is asked, and the last complete answer stays.
BEGIN;

CREATE TABLE "selector" (
    "account_id" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "position" INTEGER,
    "wanted" JSONB NOT NULL DEFAULT '{}',
    "exclude" JSONB NOT NULL DEFAULT '[]',
    "chat_ids" BIGINT[] NOT NULL DEFAULT '{}',
    "username" TEXT,
    "note" TEXT,
    "problem" TEXT,
    "changed_at" TIMESTAMPTZ(3),
    "tried_at" TIMESTAMPTZ(3),
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "selector_pkey" PRIMARY KEY ("account_id", "text"),
    CONSTRAINT "selector_kind" CHECK ("kind" IN ('id', 'name', 'folder', 'all'))
);

COMMIT;
