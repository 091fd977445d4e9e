-- An account may have several logins: each has a lease of its own, and a heartbeat that needs no clock to agree with another.
BEGIN;

DROP TABLE "account_lease";

-- CreateTable
CREATE TABLE "session_lease" (
    "session" INTEGER NOT NULL,
    "holder" UUID NOT NULL,
    "fence" BIGINT NOT NULL,
    "beat" BIGINT NOT NULL DEFAULT 0,
    "ttl" INTEGER NOT NULL,
    "released" BOOLEAN NOT NULL DEFAULT false,
    "ending" BOOLEAN NOT NULL DEFAULT false,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_lease_pkey" PRIMARY KEY ("session")
);

COMMIT;
