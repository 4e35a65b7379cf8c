# Sourced by ./run and ./check: makes .boot and .venv from Debian's python3 and pip alone, in any environment.
# Wants: root (the repository's folder), lock (run or test). Leaves: the virtual environment ready, PATH, HOME.

PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export PATH
boot="$root/.boot"
if [ -z "${HOME:-}" ]; then
    # No home folder (cron, env -i): nothing of ours may then land in the root of the file system.
    HOME="$boot/home"
    UV_CACHE_DIR="$boot/cache"
    mkdir -p "$HOME"
    export HOME UV_CACHE_DIR
fi
export UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy UV_NO_PROGRESS=1
# A virtual environment or Python settings of the caller must not leak into ours.
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME || true

spoken="${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}"
case "$spoken" in
    "" | C | C.* | POSIX | fr*) french=yes ;;
    *) french= ;;
esac

say() { # say FRENCH ENGLISH
    if [ "$french" ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi
}

stop() { # stop FRENCH ENGLISH
    say "$1" "$2" >&2
    exit 2
}

# What an environment was made from; `uv pip sync` is skipped while nothing of it changed.
fingerprint() { # fingerprint LOCK
    { cat "$root/requirements/$1.lock" "$root/pyproject.toml"; echo "$root"; } | cksum
}

fresh() { # fresh LOCK: is the environment the one this lock makes?
    [ -x "$root/.venv/bin/palier" ] && [ "$(cat "$root/.venv/made-from-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

prepare_uv() {
    [ -x "$boot/bin/uv" ] && [ -d "$boot/uv-0.13.9.dist-info" ] && return 0
    say "→ Préparation : l’installateur (une fois)…" "→ Preparing: the installer (once)…"
    python3 -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
        --upgrade --target "$boot" uv==0.13.9 \
        || stop "pip n’a pas pu installer uv : vérifiez la connexion, et que le paquet python3-pip est installé." \
                "pip could not install uv: check the connection, and that the package python3-pip is installed."
}

prepare_venv() { # prepare_venv LOCK
    fresh "$1" && return 0
    # The test environment holds everything that running needs.
    [ "$1" = run ] && fresh test && return 0
    prepare_uv
    say "→ Préparation : les bibliothèques (quelques secondes, une minute la première fois)…" \
        "→ Preparing: the libraries (some seconds, a minute the first time)…"
    rm -f "$root"/.venv/made-from-*
    if [ ! -x "$root/.venv/bin/python" ]; then
        "$boot/bin/uv" venv --quiet --clear --python "$(command -v python3)" "$root/.venv"
    fi
    "$boot/bin/uv" pip sync --quiet --python "$root/.venv/bin/python" "$root/requirements/$1.lock" \
        || stop "L’installation des bibliothèques a échoué (voir ci-dessus)." "Installing the libraries failed (see above)."
    "$boot/bin/uv" pip install --quiet --python "$root/.venv/bin/python" --no-deps --no-build-isolation -e "$root"
    fingerprint "$1" >"$root/.venv/made-from-$1"
}

prepare_catalogues() {
    for po in "$root"/web/translations/*/LC_MESSAGES/messages.po; do
        [ -e "$po" ] || continue
        mo="${po%.po}.mo"
        # -nt is not POSIX; find is.
        if [ ! -e "$mo" ] || [ -n "$(find "$po" -newer "$mo")" ]; then
            say "→ Préparation : les traductions…" "→ Preparing: the translations…"
            "$root/.venv/bin/pybabel" -q compile -d "$root/web/translations" >/dev/null
            return 0
        fi
    done
}

command -v python3 >/dev/null || stop "Il faut python3, version 3.11 ou plus récente." "python3 is needed, version 3.11 or newer."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || stop "Il faut Python 3.11 ou plus récent ; python3 est ici $(python3 -V)." \
            "Python 3.11 or newer is needed; python3 is $(python3 -V) here."
prepare_venv "$lock"
prepare_catalogues
