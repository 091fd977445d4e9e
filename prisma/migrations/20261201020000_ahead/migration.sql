-- A page of history may show updates of its channel that are not applied yet. What was told before them must not replace it.
ALTER TABLE message ADD COLUMN ahead_pts integer;
