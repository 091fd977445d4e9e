-- What a media worker encrypts with, for people. Rows live for seconds, so those of before need none.
ALTER TABLE "media_worker" ADD COLUMN "cipher" TEXT;
