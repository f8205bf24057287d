#!/bin/sh
# Installs the homeserver that the tests of the Matrix front run against: sh install.sh FOLDER
set -eu
[ -e "$1/.installed" ] && exit 0
python3 -m venv "$1"
"$1/bin/pip" install --quiet matrix-synapse==1.163.2
touch "$1/.installed"
