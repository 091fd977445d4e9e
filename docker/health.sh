#!/bin/bash
# Asks the app in this container whether it can do its work. What is wrong is in `docker inspect`; bash alone, as it runs for ever.
exec 3<>/dev/tcp/127.0.0.1/"${TGSYNC_HEALTH_PORT:-3000}" || exit 1
printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
answer=$(timeout 4 cat <&3)
echo "${answer##*$'\r\n\r\n'}"
[ "$status" = 200 ]
