#!/bin/bash
# Runs on the board under systemd, with our units as they are: each check prints "ok NAME" or "NOT ok NAME: what was seen".
here=$(cd "$(dirname "$0")" && pwd)
. "$here/checks.sh"
repository=$(cd "$here/../.." && pwd)
open_door() { # by MQTT, as a house would
  mosquitto_pub -V mqttv311 -q 1 -t lintel/board/request/door/unlock -m "{\"seconds\":${1:-8}}"
}
gain() { node "$here/gain.mjs" "$@"; }
vision_runs() { pgrep -cu lintel-vision -f vision/main.js; }

journalctl -f --no-pager -o short-monotonic -u lintel -u lintel-vision > /board/out/journal.txt 2>&1 &
echo "check at $(up) s"
place_networks
began=$(date +%s%N)
node "$repository/dist/cli/main.js" --version
echo "lintel --version took $((($(date +%s%N) - began) / 1000000)) ms: how much slower than a real machine this one is"
sandboxed() { # a command, run as vision's unit would
  sed -e 's/^Type=.*/Type=oneshot/' -e '/^\(NotifyAccess\|WatchdogSec\|Requires\|After\)=/d' -e "s|^ExecStart=.*|ExecStart=$*|" \
    /etc/systemd/system/lintel-vision.service > /run/systemd/system/sandboxed.service
  systemctl daemon-reload
  if systemctl start sandboxed 2> /dev/null; then echo does; else echo not; fi
}
if command -v gst-launch-1.0 > /dev/null; then
  check "vision may look at a camera through GStreamer" "$(sandboxed /usr/bin/gst-launch-1.0 -q v4l2src device=/dev/video0 num-buffers=2 ! fakesink)" does
fi
check "but not into the configuration" "$(sandboxed /usr/bin/cat /etc/lintel/lintel.yaml)" not
check "nor at the lines" "$(sandboxed /usr/bin/gpioinfo gpiochip0)" not

check "a camera that was left manual" "$(gain set 0 > /dev/null; gain get)" 0
started=$(up)
systemctl start lintel
check "the daemon says that it is ready" "$(systemctl is-active lintel)" active
echo "time: ready $(seconds_between "$(show lintel ExecMainStartTimestampMonotonic)" "$(show lintel ActiveEnterTimestampMonotonic)") s after it was started"
check "the daemon is its own user" "$(ps -o user= -p "$(main_pid)")" lintel
check "the relay guard holds the line" "$(until_is 60 1 guard_holds)" 1
check "vision was started by its socket" "$(until_is 60 1 vision_runs)" 1
check "vision sees no state" "$(runuser -u lintel-vision -- ls /var/lib/lintel > /dev/null 2>&1 && echo sees || echo not)" not
check "nobody else connects to vision" "$(runuser -u lintel-vision -- test -w /run/lintel-vision/vision.sock && echo may || echo not)" not
check "the relay is at rest" "$(relay)" 0
check "frames come through ffmpeg" "$(until_is 60 come frames)" come
check "is automatic again, by vision in its sandbox" "$(until_is 20 1 gain get)" 1
check "and nothing says that it cannot be held" "$(journalctl -b -u lintel -u lintel-vision | grep -c 'exposure cannot be held')" 0
check "the door works" "$(until_is 20 200 works)" 200
echo "time: works $(since "$started") s after it was started"
check "the device rule gave the lines to the door" "$(stat -c %G:%a /dev/gpiochip0)" gpio:660
check "and the camera to whoever looks" "$(stat -c %G:%a /dev/video0)" video:660
check "the encrypted credential arrived" "$(test -e /var/lib/lintel/gallery.key && echo made || echo given)" given
check "and opens the operations page" "$(fetch -o /dev/null -w '%{http_code}' http://127.0.0.1:8081/metrics)" 200
check "which nobody else does" "$(curl -s -o /dev/null -w '%{http_code}' -H 'authorization: Bearer x' http://127.0.0.1:8081/metrics)" 401
check "vision may not into the network" "$(sandboxed /usr/bin/bash -c '"exec 3<>/dev/tcp/127.0.0.1/1883"')" not
check "the daemon has no capability" "$(sed -n 's/^CapEff:\t//p' "/proc/$(main_pid)/status")" 0000000000000000
check "the daemon may not write beside its state" \
  "$(nsenter -t "$(main_pid)" -m -- sh -c 'for f in /etc/lintel/x /usr/x /sys/class/gpio/export; do (: >> $f) 2> /dev/null && echo $f; done')" ""

bound=/sys/bus/platform/drivers/vivid
camera_name=$(cd "$bound" && ls -d vivid*)
echo "$camera_name" > "$bound/unbind"
check "a camera that is unplugged is known to be lost" "$(until_is 30 lost camera)" lost
check "and no reason to start anew" "$(show lintel NRestarts):$(systemctl is-active lintel lintel-vision | uniq)" 0:active
echo "$camera_name" > "$bound/bind"
check "plugged in again it is known to be well" "$(until_is 60 null camera)" null
check "and delivers" "$(until_is 60 come frames)" come
check "and the door works as before" "$(until_is 20 200 works)" 200

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
at=$(up)
kill -9 "$killed"
check "vision that was killed is started again" "$(until_is 60 another another_than "$killed" vision_pid)" another
check "and frames come again" "$(until_is 60 come frames)" come
echo "time: frames $(since "$at") s after vision was killed"

open_door
check "the relay moves when MQTT says so" "$(until_is 10 1 relay)" 1
killed=$(up)
kill -9 "$(guard_pid)"
check "a killed guard leaves it locked" "$(until_is 5 0 relay)" 0
echo "time: locked $(since "$killed") s after the guard was killed"
check "another guard takes the line" "$(until_is 60 1 guard_holds)" 1

sleep 3
open_door
check "the relay moves again" "$(until_is 20 1 relay)" 1
killed=$(up)
kill -9 "$(main_pid)"
check "a killed daemon leaves it locked" "$(until_is 10 0 relay)" 0
echo "time: locked $(since "$killed") s after the daemon was killed"
check "a killed daemon is started again" "$(until_is 90 1 show lintel NRestarts)" 1
check "and is ready again" "$(until_is 120 active systemctl is-active lintel)" active
echo "time: ready $(since "$killed") s after the daemon was killed"

sed -i 's|^camera:.*|camera: { driver: node-webcam, device: /dev/video0 }|' /etc/lintel/lintel.yaml
stopped=$(up)
kill -STOP "$(main_pid)"
check "a daemon that hangs is ended by the watchdog" "$(until_is 90 2 show lintel NRestarts)" 2
check "for that" "$(journalctl -b -u lintel | grep -c 'Watchdog timeout')" 1
check "and is ready once more" "$(until_is 120 active systemctl is-active lintel)" active
echo "time: ready $(since "$stopped") s after the daemon was made to hang"
check "with frames through node-webcam, as it is told now" "$(until_is 60 come frames)" come
echo "vision: $(systemctl is-active lintel-vision); door: $(show lintel StatusText)"

systemctl stop lintel
check "it stops in good order" "$(show lintel Result)" success
check "and leaves the relay at rest" "$(relay)" 0
check "vision ends with it" "$(until_is 30 0 vision_runs)" 0

check "installing it again changes nothing" "$(bash "$repository/systemd/install.sh" | tail -1)" "installed already"
check "it can be taken away" "$(bash "$repository/systemd/uninstall.sh" 2> /dev/null | tail -1)" uninstalled
check "twice" "$(bash "$repository/systemd/uninstall.sh" 2> /dev/null | tail -1)" uninstalled
check "and leaves people and configuration" "$(ls /etc/lintel/lintel.yaml /var/lib/lintel/lintel.db | wc -l)" 2
echo "checked at $(up) s"
sync
