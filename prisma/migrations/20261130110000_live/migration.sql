-- Updates as they happen: who applies those of an account, and up to where they were applied.
BEGIN;

CREATE TABLE "role_lease" (
    "account_id" BIGINT NOT NULL,
    "role" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "fence" BIGINT NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "role_lease_pkey" PRIMARY KEY ("account_id", "role")
);

-- live: its updates are being applied. heard_at: when one came last.
ALTER TABLE "account" ADD COLUMN "live" BOOLEAN NOT NULL DEFAULT false, ADD COLUMN "heard_at" TIMESTAMPTZ(3);

-- What Telegram says of a channel whose updates may not have come.
ALTER TABLE "chat" ADD COLUMN "seen_pts" INTEGER;

-- Messages above it were told by updates, without a gap; NULL: nothing is known to be without a gap.
ALTER TABLE "dialog" ADD COLUMN "live_top" BIGINT;

COMMIT;
