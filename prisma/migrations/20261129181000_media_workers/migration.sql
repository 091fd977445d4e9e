-- What a media worker encrypts with, for people. Rows live for seconds, so those of before need none.
ALTER TABLE "media_worker" ADD COLUMN "cipher" TEXT;

-- How many small and large files Telegram lets an account read at once from a data centre (help.getAppConfig).
CREATE TABLE "download_limits" (
    "account_id" BIGINT NOT NULL,
    "small_files" INTEGER NOT NULL,
    "large_files" INTEGER NOT NULL,

    CONSTRAINT "download_limits_pkey" PRIMARY KEY ("account_id")
);
