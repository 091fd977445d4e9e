-- Who ends a login asks again and again while it lasts. A mark from before is that of an end that was interrupted, and keeps nobody away.
ALTER TABLE "session_lease" ADD COLUMN "ending_until" TIMESTAMPTZ(3), DROP COLUMN "ending";
