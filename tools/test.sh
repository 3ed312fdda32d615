# Builds everything, checks the form, runs the tests, and sums them up in the last line.

# Test projects that run at once: each may start servers of its own.
at_once=2

run_tests() {
    local filter=${1:-}
    results=$root/TestResults/$(date +%Y%m%d-%H%M%S)-$$
    passed=0 failed=0 skipped=0
    mkdir -p "$results"
    setup_tests
    make_temporary_folder
    local folder
    for folder in "$root"/tests/*/ "$root"/tests/*/*/; do
        [[ -f $folder/package-lock.json ]] && need_npm "${folder%/}"
    done

    say "Building"
    if ! quietly dotnet build "$root/Grid.sln" -c Release -v quiet -clp:NoSummary -nologo; then
        say "The build failed."
        failed=1
        sum_up
        return 1
    fi
    [[ -n $filter ]] || check_form
    test_projects embedded "$filter" "$root"/tests/*/*.Tests.csproj
    test_orleans "$filter"
    end_leftovers
    sum_up
    ((failed == 0))
}

# A folder of this run's own for all that the build and the tests make in passing; servers that run as another user may enter it.
make_temporary_folder() {
    TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/grid-XXXXXX")
    export TMPDIR
    chmod 755 "$TMPDIR"
    trap 'rm -rf "$TMPDIR"' EXIT
}

# A test that leaves a process behind has failed: it would go on in whatever started the tests.
end_leftovers() {
    local process left=()
    for process in /proc/[0-9]*; do
        [[ ${process#/proc/} != "$$" && $(tr '\0' ' ' <"$process/cmdline") == *"$TMPDIR"* || $(readlink "$process/cwd") == "$TMPDIR"/* ]] && left+=("${process#/proc/}")
    done 2>/dev/null
    ((${#left[@]} > 0)) || return 0
    say "Left behind by the tests, and ended now:"
    for process in "${left[@]}"; do say "  $process $({ tr '\0' ' ' <"/proc/$process/cmdline"; } 2>/dev/null)"; done
    kill -KILL "${left[@]}" 2>/dev/null || true
    failed=$((failed + 1))
}

sum_up() { printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"; }

# Runs a command and shows what it said only when it fails.
quietly() {
    local log
    log=$("$@" 2>&1 </dev/null) || { say "$log"; return 1; }
}

check_form() {
    say "Checking the form"
    if ! quietly dotnet format whitespace "$root/Grid.sln" --verify-no-changes --no-restore \
        || ! quietly dotnet format style "$root/Grid.sln" --verify-no-changes --no-restore --severity warn; then
        say "The form differs from .editorconfig: run dotnet format."
        failed=$((failed + 1))
    fi
}

# test_projects ENGINE FILTER PROJECT...: adds to passed, failed and skipped.
test_projects() {
    local engine=$1 filter=$2 project running=0
    shift 2
    [[ -z $filter || $filter == *[=~]* ]] || filter="FullyQualifiedName~$filter"
    for project in "$@"; do
        if ((running >= at_once)); then wait -n || true; running=$((running - 1)); fi
        test_project "$engine" "$filter" "$project" &
        running=$((running + 1))
    done
    wait
    for project in "$@"; do
        count_results "$(name_of "$project" "$engine")"
    done
}

name_of() { local name=${1##*/}; echo "${name%.Tests.csproj}.$2"; }

test_project() {
    local name code=0
    name=$(name_of "$3" "$1")
    # A test that hangs must not take the others' results with it.
    dotnet test "$3" -c Release --no-build -nologo -p:GridEngine="$1" --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
        --blame-hang-timeout 8m --blame-hang-dump-type none ${2:+--filter "$2"} >"$results/$name.log" 2>&1 </dev/null || code=$?
    echo "$code" >"$results/$name.code"
}

# Adds one project's results: from its report, or one failure when it broke down before it wrote one.
count_results() {
    local code counters total executed good bad
    code=$(<"$results/$1.code")
    counters=$(grep -ho '<Counters [^>]*>' "$results/$1.trx" 2>/dev/null || true)
    total=$(attribute total) executed=$(attribute executed) good=$(attribute passed)
    bad=$((executed - good))
    ((code == 0 || bad > 0)) || bad=1
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
    if ((bad > 0)); then
        grep -E -A 12 '^\s+Failed |^\s*error|[Aa]borted|^Unhandled' "$results/$1.log" >&2 || tail -n 30 "$results/$1.log" >&2
    fi
    ((total == 0 && bad == 0)) || say "$(printf '%-28s %4d passed, %d failed, %d skipped' "$1" "$good" "$bad" "$((total - executed))")"
}

attribute() { local value; value=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"); echo "${value:-0}"; }

# The same promises on the other engine, where its packages can be had.
test_orleans() {
    local project projects=("$root/tests/Engine/Engine.Tests.csproj" "$root/tests/Cluster/Cluster.Tests.csproj")
    for project in "${projects[@]}"; do
        if ! dotnet restore "$project" -p:GridEngine=orleans >/dev/null 2>&1 </dev/null; then
            say "Engine and Cluster on Orleans: not run, requires the Microsoft.Orleans packages of the public NuGet gallery"
            return 0
        fi
    done
    for project in "${projects[@]}"; do
        if ! quietly dotnet build "$project" -c Release -v quiet -clp:NoSummary -nologo -p:GridEngine=orleans; then
            failed=$((failed + 1))
            return 0
        fi
    done
    test_projects orleans "$1" "${projects[@]}"
}
