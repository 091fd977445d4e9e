-- Places that are away now (a data centre, the account's connection): shared by the fleet, as a flood wait is.
BEGIN;

-- CreateTable
CREATE TABLE "away_place" (
    "place" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failures" INTEGER NOT NULL DEFAULT 1,
    "probe_at" TIMESTAMPTZ(3) NOT NULL,
    "probing_until" TIMESTAMPTZ(3),

    CONSTRAINT "away_place_pkey" PRIMARY KEY ("place")
);

COMMIT;
