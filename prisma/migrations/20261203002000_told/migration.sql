-- A pin, votes or a preview, told by themselves, say nothing of the rest of a message: as_of is when that was seen, told_as_of when something was told.
ALTER TABLE message ADD COLUMN told_as_of timestamptz(6);
