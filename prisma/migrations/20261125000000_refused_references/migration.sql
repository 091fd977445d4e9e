-- Media that want a fresh file reference: few, and looked at whenever files are planned.
CREATE INDEX "photo_refused" ON "photo" ("id") WHERE "reference_refused_at" IS NOT NULL AND NOT "saved";
CREATE INDEX "document_refused" ON "document" ("id") WHERE "reference_refused_at" IS NOT NULL AND NOT "saved";
