# Words for checks on the board: each prints "ok NAME" or "NOT ok NAME: what was seen". To be sourced.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root DEBIAN_FRONTEND=noninteractive
SIM=$(cat /run/board-chip)
up() { cut -d' ' -f1 /proc/uptime; }
since() { echo "scale=2; ($(up) - $1) / 1" | bc | sed 's/^\./0./'; } # seconds on the board
show() { systemctl show "$1" -p "$2" --value; }
relay() { cat "$SIM/sim_gpio0/value"; }
press() { echo "pull-$2" > "$SIM/sim_gpio$1/pull"; } # line, up or down
check() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "NOT ok $1: $2, not $3"; fi; }
until_is() { # seconds, wanted, command...
  local end=$((SECONDS + $1)) wanted=$2 seen
  shift 2
  while seen=$("$@") || true; [ "$seen" != "$wanted" ] && [ $SECONDS -lt $end ]; do sleep 0.3; done
  echo "$seen"
}
another_than() { # pid, command
  local now
  now=$("$2")
  if [ -n "$now" ] && [ "$now" != "$1" ]; then echo another; fi
}
vision_pid() { pgrep -u lintel-vision -f vision/main.js; }
main_pid() { show lintel MainPID; }
guard_pid() { pgrep -f relay-guard/main.js; }
guard_holds() { gpioinfo gpiochip0 | grep -c lintel-strike; }

# Compiled networks from the testing machine: a board compiles them once, at its first start.
place_networks() {
  [ -d /board/extra/models ] || return 0
  install -d -o lintel-vision -g lintel-vision /var/cache/lintel-vision
  cp -r /board/extra/models/. /var/cache/lintel-vision/
  chown -R lintel-vision:lintel-vision /var/cache/lintel-vision
}

# The operations page's own way in; the token is the daemon's credential, or the one that it has made.
token() { cat /run/board-token 2> /dev/null || cat /var/lib/lintel/operations.token; }
fetch() { curl -s -m 20 -H "authorization: Bearer $(token)" "$@"; }
ask() { # request, JSON
  fetch -H 'content-type: application/json' -d "{\"name\":\"$1\",\"data\":${2:-{\}}}" http://127.0.0.1:8081/api/request
}
frames() { # "come" while the daemon counts frames of the camera
  if fetch http://127.0.0.1:8081/metrics | grep -q '^lintel_camera_fps [0-9.]*[1-9]'; then echo come; else echo none; fi
}
camera() { # what is wrong with the camera: null, "lost" …
  ask health | grep -o '"cameraProblem":[a-z"]*' | cut -d: -f2 | tr -d '"'
}
works() { curl -s -m 5 -o /dev/null -w '%{http_code}' http://127.0.0.1:8081/readyz; }
seconds_between() { echo "scale=2; ($2 - $1) / 1000000" | bc | sed 's/^\./0./'; } # two of systemd's time stamps
