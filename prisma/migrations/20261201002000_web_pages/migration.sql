-- A preview is told of by its own id alone, wherever it is.
BEGIN;

CREATE INDEX "message_web_page_idx" ON "message" (("raw" #>> '{media,webpage,id}')) WHERE "media_type" = 'MessageMediaWebPage';

COMMIT;
