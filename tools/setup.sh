# Installs what is missing. Quick when nothing is.

# What the programs load or start.
run_packages=(ca-certificates libgdal32 gdal-data proj-data libturbojpeg0 libwebp7 postgresql-15 postgresql-15-postgis-3)

# The programs that tests take their truth from, and the clients they try.
test_packages=(gdal-bin python3-gdal python3-numpy python3-owslib python3-mapproxy python3-qgis qgis-providers libxml2-utils
    curl nghttp2-client prometheus chromium python3-swift swift util-linux mount procps python3-requests python3-jsonschema python3-toml python3-dateutil python3-pyotp python3-requests-toolbelt)

bench_packages=(gdal-bin python3-gdal python3-numpy nginx-light apache2-bin libapache2-mod-mapcache cgi-mapserver spawn-fcgi wrk nghttp2-client procps)

setup_run() {
    need_sdk
    need_packages "${run_packages[@]}"
    need_pages
}

setup_tests() {
    need_sdk
    need_packages "${run_packages[@]}" "${test_packages[@]}"
    need_pages
}

setup_bench() {
    need_sdk
    need_packages "${run_packages[@]}" "${bench_packages[@]}"
    need_npm "$root/tests/Benchmarks"
    need_pages
}

need_sdk() {
    local missing=()
    command -v dotnet >/dev/null || missing+=("the .NET 10 SDK (command dotnet)")
    command -v node >/dev/null && command -v npm >/dev/null || missing+=("Node.js 20 or later with npm (commands node and npm)")
    ((${#missing[@]} == 0)) || die "install first, and put on the path: $(printf '%s; ' "${missing[@]}")"
}

# The Debian packages among the arguments that are not installed.
missing_packages() {
    comm -13 <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u) <(printf '%s\n' "$@" | sort -u)
}

is_debian_12() { [[ -r /etc/os-release ]] && (. /etc/os-release && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]); }

need_packages() {
    is_debian_12 || { need_elsewhere; return; }
    local missing
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [[ -n ${missing// /} ]] || return 0

    local as_root=()
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            as_root=(sudo)
        else
            die "these packages are missing and only root can install them:
  apt-get update && apt-get install --no-install-recommends $missing"
        fi
    fi
    say "Installing: $missing"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 bash "$root/tools/apt.sh" $missing >"${TMPDIR:-/tmp}/grid-apt.$$" 2>&1 </dev/null; then
        tail -n 20 "${TMPDIR:-/tmp}/grid-apt.$$" >&2
        rm -f "${TMPDIR:-/tmp}/grid-apt.$$"
        die "the packages could not be installed (see above)"
    fi
    rm -f "${TMPDIR:-/tmp}/grid-apt.$$"
}

# Other systems name their packages otherwise: what is needed is looked for by itself.
need_elsewhere() {
    local missing=() libraries
    libraries=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || true)
    grep -q 'libgdal\.so' <<<"$libraries" || missing+=("GDAL 3.6 or later with PROJ (libgdal)")
    grep -q 'libturbojpeg\.so' <<<"$libraries" || missing+=("libjpeg-turbo 2.1 or later (libturbojpeg)")
    grep -q 'libwebp\.so' <<<"$libraries" || missing+=("libwebp 1.2 or later")
    [[ -n ${Grid__Database__ConnectionString:-} ]] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null \
        || command -v initdb >/dev/null || missing+=("PostgreSQL 15 or later with PostGIS 3 (or set Grid__Database__ConnectionString)")
    ((${#missing[@]} == 0)) || die "this is not Debian 12: install with its own package manager
$(printf '  - %s\n' "${missing[@]}")"
}

# The npm packages of a folder, as its lockfile has them.
need_npm() {
    [[ -f $1/package-lock.json ]] || return 0
    [[ -f $1/node_modules/.package-lock.json && ! $1/package-lock.json -nt $1/node_modules/.package-lock.json ]] && return 0
    say "Installing the npm packages of ${1#"$root"/}"
    local log
    log=$(cd "$1" && npm ci 2>&1 </dev/null) || { say "$log"; die "npm ci failed in $1"; }
    touch "$1/node_modules/.package-lock.json"
}

# The web pages, built anew when one of their files is newer than the last build.
need_pages() {
    local web=$root/src/Frontend/web built=$root/src/Frontend/wwwroot/dist/.built
    [[ -f $web/package.json ]] || return 0
    need_npm "$web"
    [[ -f $built && -z $(find "$web" -name node_modules -prune -o -type f -newer "$built" -print -quit) ]] && return 0
    say "Building the web pages"
    local log
    log=$(cd "$web" && npm run build 2>&1 </dev/null) || { say "$log"; die "the web pages could not be built"; }
    mkdir -p "${built%/*}" && touch "$built"
}
