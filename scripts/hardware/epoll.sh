#!/usr/bin/env bash
# Compiles the native part of onoff in a copy, for the driver tests on an emulated board: nothing is compiled in the project itself.
#   epoll.sh CACHE        CACHE/epoll/build/Release/epoll.node is there afterwards
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${1:?usage: epoll.sh CACHE}
stamp="$(node -p process.versions.modules) $(node -p "require('$root/node_modules/epoll/package.json').version")"
[ "$(cat "$cache/epoll/stamp" 2> /dev/null)" != "$stamp" ] || exit 0
build=$cache/epoll-build
rm -rf "$build" "$cache/epoll"
mkdir -p "$build/node_modules"
for package in epoll bindings file-uri-to-path nan; do cp -r "$root/node_modules/$package" "$build/node_modules/"; done
echo '{ "dependencies": { "epoll": "*" }, "allowScripts": { "epoll": true } }' > "$build/package.json"
npm rebuild epoll --prefix "$build" --ignore-scripts=false --foreground-scripts --loglevel=error > "$cache/epoll.log" 2>&1
mv "$build/node_modules/epoll" "$cache/epoll"
rm -rf "$build"
echo "$stamp" > "$cache/epoll/stamp"
