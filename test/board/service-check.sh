#!/bin/bash
# Runs on the board under systemd: each check prints "ok NAME" or "NOT ok NAME: what was seen".
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root
here=$(cd "$(dirname "$0")" && pwd)
SIM=$(cat /run/board-chip)
up() { cut -d' ' -f1 /proc/uptime; }
show() { systemctl show "$1" -p "$2" --value; }
relay() { cat "$SIM/sim_gpio0/value"; }
check() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "NOT ok $1: $2, not $3"; fi; }
until_is() { # seconds, wanted, command...
  local end=$((SECONDS + $1)) wanted=$2
  shift 2
  until [ "$("$@")" = "$wanted" ] || [ $SECONDS -ge $end ]; do sleep 0.3; done
  "$@"
}
ask() { node "$here/ask.mjs" "$@"; }
open_door() { ask door/unlock '{"seconds":8}'; }
press() { echo "pull-$2" > "$SIM/sim_gpio$1/pull"; } # line, up or down
another_than() { # pid, command
  local now
  now=$("$2")
  if [ -n "$now" ] && [ "$now" != "$1" ]; then echo another; fi
}
vision_pid() { pgrep -u lintel-vision -f vision/main.js; }
main_pid() { show lintel MainPID; }
guard_pid() { pgrep -f relay-guard/main.js; }

journalctl -f --no-pager -o short-monotonic -u lintel -u lintel-vision > /board/out/journal.txt 2>&1 &
echo "check at $(up) s"
began=$(date +%s%N)
node "$here/../../dist/cli/main.js" --version
echo "lintel --version took $((($(date +%s%N) - began) / 1000000)) ms: how much slower than a real machine this one is"
started=$(up)
systemctl start lintel
check "the daemon says that it is ready" "$(systemctl is-active lintel)" active
echo "ready after $(echo "$(up) - $started" | bc) s"
check "the daemon is its own user" "$(ps -o user= -p "$(main_pid)")" lintel
check "the relay guard holds the line" "$(until_is 60 1 bash -c 'gpioinfo gpiochip0 | grep -c lintel-strike')" 1
check "vision was started by its socket" "$(until_is 60 1 bash -c 'pgrep -cu lintel-vision -f vision/main.js')" 1
check "vision sees no state" "$(runuser -u lintel-vision -- ls /var/lib/lintel > /dev/null 2>&1 && echo sees || echo not)" not
check "nobody else connects to vision" "$(runuser -u lintel-vision -- test -w /run/lintel-vision/vision.sock && echo may || echo not)" not
check "the relay is at rest" "$(relay)" 0
check "the device rule gave the lines to the door" "$(stat -c %G:%a /dev/gpiochip0)" gpio:660
check "the encrypted credential arrived" "$(test -e /var/lib/lintel/gallery.key && echo made || echo given)" given
check "the daemon has no capability" "$(sed -n 's/^CapEff:\t//p' "/proc/$(main_pid)/status")" 0000000000000000
check "the daemon may not write beside its state" \
  "$(nsenter -t "$(main_pid)" -m -- sh -c 'for f in /etc/lintel/x /usr/x /sys/class/gpio/export; do (: >> $f) 2> /dev/null && echo $f; done')" ""

sandboxed() { # a command, run as vision's unit would
  sed -e 's/^Type=.*/Type=oneshot/' -e '/^\(NotifyAccess\|WatchdogSec\|Requires\|After\)=/d' -e "s|^ExecStart=.*|ExecStart=$*|" \
    /etc/systemd/system/lintel-vision.service > /run/systemd/system/sandboxed.service
  systemctl daemon-reload
  if systemctl start sandboxed 2> /dev/null; then echo does; else echo not; fi
}
look="-nostdin -v error -f v4l2 -video_size 640x480 -i /dev/video0 -frames:v 2 -f null -"
check "vision may look at the camera through ffmpeg" "$(sandboxed /usr/bin/ffmpeg "$look")" does
check "and through fswebcam" "$(sandboxed /usr/bin/fswebcam -q -d /dev/video0 -r 640x480 /dev/shm/shot.jpg)" does
if command -v gst-launch-1.0 > /dev/null; then
  check "and through GStreamer" "$(sandboxed /usr/bin/gst-launch-1.0 -q v4l2src device=/dev/video0 num-buffers=2 ! fakesink)" does
fi
check "but not into the configuration" "$(sandboxed /usr/bin/cat /etc/lintel/lintel.yaml)" not
check "nor at the lines" "$(sandboxed /usr/bin/gpioinfo gpiochip0)" not
check "nor into the network" "$(sandboxed /usr/bin/bash -c '"exec 3<>/dev/tcp/127.0.0.1/1883"')" not

press 2 up
check "the button lets people out" "$(until_is 20 1 relay)" 1
press 2 down
press 1 up
check "the door locks behind who has opened it" "$(until_is 20 0 relay)" 0
press 1 down
sleep 8
press 1 up
sleep 2
press 1 down
events=$(ask events/replay '{"from":1}' | grep -o '"type":"[a-z]*"' | sort | uniq -c | tr -s ' \n' ' ')
echo "events: $events"
check "the edges of button and contact are on record" "$(grep -c 'forced.*opened.*rex' <<< "$events")" 1

killed=$(vision_pid)
kill -9 "$killed"
check "vision that was killed is started again" "$(until_is 60 another another_than "$killed" vision_pid)" another

open_door
check "the relay moves" "$(until_is 10 1 relay)" 1
killed=$(up)
kill -9 "$(guard_pid)"
check "a killed guard leaves it locked" "$(until_is 5 0 relay)" 0
echo "locked $(echo "$(up) - $killed" | bc) s after the guard was killed"
check "another guard takes the line" "$(until_is 60 1 bash -c 'gpioinfo gpiochip0 | grep -c lintel-strike')" 1

sleep 3
open_door
check "the relay moves again" "$(until_is 20 1 relay)" 1
killed=$(up)
kill -9 "$(main_pid)"
check "a killed daemon leaves it locked" "$(until_is 10 0 relay)" 0
check "a killed daemon is started again" "$(until_is 90 1 show lintel NRestarts)" 1
check "and is ready again" "$(until_is 120 active systemctl is-active lintel)" active
echo "ready $(echo "$(up) - $killed" | bc) s after the daemon was killed"

stopped=$(up)
kill -STOP "$(main_pid)"
check "a daemon that hangs is ended by the watchdog" "$(until_is 90 2 show lintel NRestarts)" 2
check "and is ready once more" "$(until_is 120 active systemctl is-active lintel)" active
echo "ready $(echo "$(up) - $stopped" | bc) s after the daemon was made to hang"
echo "vision: $(systemctl is-active lintel-vision), $(show lintel-vision StatusText); door: $(show lintel StatusText)"

systemctl stop lintel
check "it stops in good order" "$(show lintel Result)" success
check "and leaves the relay at rest" "$(relay)" 0
check "vision ends with it" "$(until_is 30 0 pgrep -cu lintel-vision -f vision/main.js)" 0

repository=$(cd "$here/../.." && pwd)
check "installing it again changes nothing" "$(bash "$repository/systemd/install.sh" | tail -1)" "installed already"
check "it can be taken away" "$(bash "$repository/systemd/uninstall.sh" 2> /dev/null | tail -1)" uninstalled
check "twice" "$(bash "$repository/systemd/uninstall.sh" 2> /dev/null | tail -1)" uninstalled
check "and leaves people and configuration" "$(ls /etc/lintel/lintel.yaml /var/lib/lintel/lintel.db | wc -l)" 2
echo "checked at $(up) s"
sync
