-- What keeps the fleet from its work now (a full disk, say), told everywhere.
BEGIN;

-- CreateTable
CREATE TABLE "trouble" (
    "place" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "trouble_pkey" PRIMARY KEY ("place")
);

COMMIT;
