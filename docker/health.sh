#!/bin/bash
# Asks the app in this container whether it is ready. Only bash, because this runs all the time. If the app is not ready, asks again
# with the dashboard's password, which only the owner of the files can read: then `docker inspect` shows the reason.
ask() {
  exec 3<>/dev/tcp/127.0.0.1/"${TGSYNC_HEALTH_PORT:-3000}" || exit 1
  printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n%s\r\n' "$1" >&3
  read -r -t 4 _ status _ <&3
  answer=$(timeout 4 cat <&3)
  exec 3>&-
}

ask
if [ "$status" != 200 ]; then
  folder=${TGSYNC_APPDATA:-/appdata}
  as_person=()
  if [ "$(id -u)" = 0 ]; then # root without privileges here; see entrypoint.sh
    as_person=(setpriv --reuid="${PUID:-$(stat -c %u "$folder")}" --regid="${PGID:-$(stat -c %g "$folder")}" --clear-groups)
  fi
  if password=$("${as_person[@]}" cat "$folder/dashboard.password" 2>/dev/null); then
    ask "Authorization: Basic $(printf 'tgsync:%s' "$password" | base64 -w 0)"$'\r\n'
  fi
fi
echo "${answer##*$'\r\n\r\n'}"
[ "$status" = 200 ]
