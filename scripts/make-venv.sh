#!/bin/sh
# Make a virtual environment; on Debian the module for it is a package of its own.
set -eu
python=$1
venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Sekisho needs Python 3.11 or newer; $("$python" --version 2>&1) is what '$python' runs." >&2
    echo "  help: make PYTHON=python3.12 ..." >&2
    exit 2
}
if ! "$python" -m venv "$venv" 2>/dev/null; then
    rm -rf "$venv"
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null
        "$python" -m venv "$venv"
    else
        echo "python3 -m venv does not work here." >&2
        echo "  help: sudo apt-get install python3-venv" >&2
        exit 2
    fi
fi
