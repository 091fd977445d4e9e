-- Whether a link that is to be made was there before: a file that has its name is a person's own if not.
ALTER TABLE "message_media" ADD COLUMN "was_linked" BOOLEAN NOT NULL DEFAULT false;

-- Names that were given already may have been linked: nobody knows any more.
UPDATE "message_media" SET "was_linked" = true WHERE "link" = 'pending' AND "link_name" IS NOT NULL;
