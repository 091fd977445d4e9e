#!/bin/sh
# Runs the command as the owner of the files, never as root unless told to: PUID and PGID, else the owner of /appdata, else 1000.
# Folders that Docker created belong to root at first; those three, but nothing in them, are given to the owner.
set -e

[ "$(id -u)" = 0 ] || exec "$@"

owner=$(stat -c %u /appdata 2>/dev/null || echo 0)
group=$(stat -c %g /appdata 2>/dev/null || echo 0)
if [ "$owner" = 0 ]; then owner=1000 group=1000; fi
uid=${PUID:-$owner}
gid=${PGID:-$group}
as_person() { setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"; }

for folder in "$TGSYNC_APPDATA" "$TGSYNC_MEDIA" "$TGSYNC_TEMP"; do
  [ -d "$folder" ] || continue
  if as_person test -w "$folder"; then continue; fi
  if [ "$(stat -c %u "$folder")" = 0 ] && chown "$uid:$gid" "$folder" 2>/dev/null && as_person test -w "$folder"; then continue; fi
  echo "tgsync runs as user $uid and group $gid, which cannot write to $folder: it belongs to $(stat -c %u:%g "$folder")." \
    "Set PUID and PGID in .env, or change the owner of that folder." >&2
  exit 1
done

export HOME=/tmp
exec setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"
