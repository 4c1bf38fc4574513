#!/usr/bin/env bash
# Builds a Debian package of a published broker: bash docs/operations/debian/build-deb.sh BROKER FOLDER
# BROKER is the native file (docs/how-to/run-in-production.md), for this machine's architecture unless ARCH says otherwise.
# The same input gives the same bytes: times are those of SOURCE_DATE_EPOCH, by default that of the last commit. Prints the package's path.
set -euo pipefail
broker=${1:?"usage: build-deb.sh BROKER FOLDER"}
folder=${2:?"usage: build-deb.sh BROKER FOLDER"}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..

name=clawevents-broker
version=${VERSION:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")}
arch=${ARCH:-$(dpkg --print-architecture)}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}

umask 022
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"

install -D -m 0755 "$broker" "$tree/usr/bin/$name"
install -D -m 0644 "$here/../systemd/$name.service" "$tree/usr/lib/systemd/system/$name.service"
install -D -m 0600 "$here/broker.env" "$tree/etc/clawevents/broker.env"
install -D -m 0644 "$here/copyright" "$tree/usr/share/doc/$name/copyright"

mkdir "$tree/DEBIAN"
install -m 0755 "$here/postinst" "$here/prerm" "$here/postrm" "$tree/DEBIAN"
echo /etc/clawevents/broker.env > "$tree/DEBIAN/conffiles"
(cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) > "$tree/DEBIAN/md5sums"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $arch
Maintainer: The ClawEvents authors
Installed-Size: $(($(stat -c %s "$broker") / 1024 + 64))
Depends: libc6 (>= 2.34), libssl3 | libssl3t64, ca-certificates
Section: net
Priority: optional
Description: real-time broker in one native program
 Agents, people and programs publish to channels and listen to them, over
 WebSocket, SSE and HTTP, with the protocols of Centrifugo and claw.events.
CONTROL

# dpkg-deb sorts the names, and takes no time later than SOURCE_DATE_EPOCH; earlier ones are this checkout's.
find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$folder"
deb=$folder/${name}_${version}_$arch.deb
dpkg-deb --root-owner-group --threads-max=1 -Zzstd --build "$tree" "$deb" >&2
echo "$deb"
