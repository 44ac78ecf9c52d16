#!/bin/bash
# Runs on the board under systemd: the Debian package from the first installation to the purge, as an owner would do it.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/checks.sh"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
packages=/board/extra/packages
install_package() { apt-get install -y --no-install-recommends --allow-downgrades "$1" > /board/out/apt.txt 2>&1 && echo done || tail -20 /board/out/apt.txt; }
status() { dpkg-query -W -f '${Version} ${db:Status-Status}' lintel 2> /dev/null; }
exits() { ask events/replay '{"from":1}' | grep -o '"type":"rex"' | wc -l; }
there() { for path in "$@"; do [ -e "$path" ] && echo "$path"; done | tr '\n' ' '; }

journalctl -f --no-pager -o short-monotonic -u lintel -u lintel-vision > /board/out/journal.txt 2>&1 &
echo "check at $(up) s"
check "before it nobody has the lines" "$(stat -c %G /dev/gpiochip0)" root
check "apt installs the package" "$(install_package $packages/first.deb)" "done"
echo "installed at $(up) s"
check "which is there" "$(status)" "0.1.0 installed"
check "and whole" "$(dpkg --verify lintel)" ""
check "nothing was started or will be" "$(systemctl is-active lintel) $(systemctl is-enabled lintel)" "inactive disabled"
check "the users are there" "$(id -nG lintel) / $(id -nG lintel-vision)" "lintel gpio / lintel-vision video"
check "the device rule gave the lines to the door at once" "$(stat -c %G:%a /dev/gpiochip0)" gpio:660
check "only the door reads the configuration" "$(stat -c %U:%G:%a /etc/lintel/lintel.yaml)" root:lintel:640
check "its own Node runs it" "$(lintel --version)" "$(dpkg-query -W -f '${Version}' lintel)"
check "and no other is there" "$(command -v node)" ""

cp "$here/service.yaml" /etc/lintel/lintel.yaml
place_networks
lintel doctor --camera --config /etc/lintel/lintel.yaml > /board/out/doctor.txt 2>&1
echo "doctor: $?"
cat /board/out/doctor.txt
check "doctor finds camera, lines and engine" "$(grep -cE '^ok +(camera|gpio|engine)' /board/out/doctor.txt)" 3

systemctl enable --now lintel > /dev/null 2>&1
check "the door is started" "$(systemctl is-active lintel) $(systemctl is-enabled lintel)" "active enabled"
check "frames come" "$(until_is 60 come frames)" come
check "the door works" "$(until_is 20 200 works)" 200
press 2 up
check "the button lets people out" "$(until_is 30 1 relay)" 1
press 2 down
check "and the door locks again" "$(until_is 30 0 relay)" 0
key=$(md5sum < /var/lib/lintel/gallery.key)

echo "# a word of the owner's" >> /etc/lintel/lintel.yaml
before=$(main_pid)
echo "update at $(up) s"
check "apt updates the package" "$(install_package $packages/second.deb)" "done"
echo "updated at $(up) s"
check "to the next version" "$(status)" "0.1.1 installed"
check "the door was started anew" "$(another_than "$before" main_pid) $(systemctl is-active lintel)" "another active"
check "what the owner wrote stays" "$(tail -1 /etc/lintel/lintel.yaml) $(stat -c %a /etc/lintel/lintel.yaml)" "# a word of the owner's 640"
check "who was known can still be read" "$(md5sum < /var/lib/lintel/gallery.key)" "$key"
check "what happened before is still on record" "$(until_is 30 1 exits)" 1
press 2 up
check "the button lets people out as before" "$(until_is 30 1 relay)" 1

check "apt takes it away" "$(apt-get remove -y lintel > /board/out/remove.txt 2>&1 && echo done || tail -20 /board/out/remove.txt)" "done"
echo "removed at $(up) s"
check "which locks the door" "$(relay)" 0
check "and ends everything" "$(pgrep -c -f /opt/lintel) $(systemctl is-active lintel lintel-vision.socket | uniq)" "0 inactive"
check "program, units and rules are gone" "$(there /opt/lintel /usr/bin/lintel /usr/lib/systemd/system/lintel.service /usr/lib/udev/rules.d/60-lintel.rules /var/cache/lintel-vision)" ""
check "people and configuration are not" "$(there /etc/lintel/lintel.yaml /var/lib/lintel/lintel.db /var/lib/lintel/gallery.key)" \
  "/etc/lintel/lintel.yaml /var/lib/lintel/lintel.db /var/lib/lintel/gallery.key "
check "apt purges it" "$(apt-get purge -y lintel > /board/out/purge.txt 2>&1 && echo done || tail -20 /board/out/purge.txt)" "done"
check "then everybody is forgotten" "$(there /etc/lintel /var/lib/lintel)" ""
check "and nothing of it is known to dpkg" "$(status)" ""
check "the users stay, so that nobody gets their numbers" "$(id -un lintel lintel-vision | tr '\n' ' ')" "lintel lintel-vision "
echo "checked at $(up) s"
sync
