-- What must be so is Postgres's to see to: whose a message is belongs to its keys, coverage neither touches nor overlaps, a media of a message
-- has that message, and states and kinds are those that the program knows (packages/shared/src/db/words.ts).
BEGIN;

-- What no version should have written, and no key or constraint would take.
DELETE FROM message_media m WHERE NOT EXISTS (SELECT FROM message WHERE message.chat_id = m.chat_id AND message.id = m.message_id);
ALTER TABLE "message" DROP CONSTRAINT "message_pkey",
ADD CONSTRAINT "message_pkey" PRIMARY KEY ("chat_id", "id", "owner_id"),
ADD CONSTRAINT "message_owner" CHECK (("owner_id" = 0) = ("chat_id" <= -1000000000000)),
DROP COLUMN "account_id";
DROP INDEX "message_chat_id_id_idx";
-- An account's own messages have ids of one sequence: deletions that name no chat are looked up by it.
CREATE UNIQUE INDEX "message_of_account" ON "message" ("owner_id", "id") WHERE "owner_id" <> 0;

ALTER TABLE "message_media" DROP CONSTRAINT "message_media_pkey",
ADD CONSTRAINT "message_media_pkey" PRIMARY KEY ("chat_id", "message_id", "owner_id", "kind", "media_id"),
ADD CONSTRAINT "message_media_of_message" FOREIGN KEY ("chat_id", "message_id", "owner_id") REFERENCES "message" ("chat_id", "id", "owner_id")
  ON DELETE CASCADE,
ADD CONSTRAINT "message_media_kind" CHECK ("kind" IN ('photo', 'document')),
ADD CONSTRAINT "message_media_link" CHECK ("link" IN ('pending', 'linked', 'absent')),
ADD CONSTRAINT "message_media_via" CHECK ("via" IN ('media', 'webpage', 'game', 'paid', 'action', 'live', 'cover', 'poll', 'rich'));

ALTER TABLE "coverage" DROP CONSTRAINT "coverage_pkey";
WITH before AS (
  DELETE FROM coverage RETURNING chat_id, owner_id, from_id, to_id),
highest AS (
  SELECT *, max(to_id) OVER (PARTITION BY chat_id, owner_id ORDER BY from_id, to_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far
  FROM before),
islands AS (
  SELECT *, count(*) FILTER (WHERE from_id > so_far + 1) OVER (PARTITION BY chat_id, owner_id ORDER BY from_id, to_id) AS island FROM highest)
INSERT INTO coverage (chat_id, owner_id, from_id, to_id)
  SELECT chat_id, owner_id, min(from_id), max(to_id) FROM islands GROUP BY chat_id, owner_id, island;
-- Ranges of a number each stand in for plain equality, which only an extension would offer here.
ALTER TABLE "coverage" ADD CONSTRAINT "coverage_pkey" PRIMARY KEY ("chat_id", "owner_id", "from_id"),
ADD CONSTRAINT "coverage_apart" EXCLUDE USING gist (int8range("chat_id", "chat_id", '[]') WITH &&, int8range("owner_id", "owner_id", '[]') WITH &&,
  int8range("from_id", "to_id" + 1, '[]') WITH &&);
ALTER TABLE "not_visible" DROP CONSTRAINT "not_visible_pkey",
ADD CONSTRAINT "not_visible_pkey" PRIMARY KEY ("chat_id", "owner_id", "from_id");

ALTER TABLE "photo" ADD CONSTRAINT "photo_state" CHECK ("state" IN ('owed', 'saved', 'failed', 'gone')),
ADD CONSTRAINT "photo_saved" CHECK ("saved" = ("state" = 'saved'));
ALTER TABLE "document" ADD CONSTRAINT "document_state" CHECK ("state" IN ('owed', 'saved', 'failed', 'gone')),
ADD CONSTRAINT "document_saved" CHECK ("saved" = ("state" = 'saved'));
ALTER TABLE "chat" ADD CONSTRAINT "chat_kind" CHECK ("kind" IN ('user', 'group', 'supergroup', 'channel', 'unknown')),
ADD CONSTRAINT "chat_state" CHECK ("state" IN ('unknown', 'ok', 'unreadable'));
ALTER TABLE "peer" ADD CONSTRAINT "peer_kind" CHECK ("kind" IN ('user', 'group', 'supergroup', 'channel', 'unknown'));

COMMIT;
