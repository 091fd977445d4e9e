-- What running downloads will still write on each disk: one row for a worker and disk, so that the whole fleet counts together.
BEGIN;

-- CreateTable
CREATE TABLE "disk_reservation" (
    "disk" TEXT NOT NULL,
    "worker" UUID NOT NULL,
    "bytes" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "disk_reservation_pkey" PRIMARY KEY ("disk", "worker")
);

COMMIT;
