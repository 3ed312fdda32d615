# Builds the programs, compiled ahead of time for this machine, when a source is newer than the last build.

# build_programs [PROJECT...]: the server and the command line, and the projects named, which are built as for tests.
build_programs() {
    local built=$root/data/.built published=(src/Frontend/Frontend.csproj src/Cli/Cli.csproj)
    built+=$(printf -- '-%s' "${published[@]##*/}" "${@##*/}")
    if [[ -f $built ]] && is_newest "$built"; then return 0; fi
    say "Building"
    local project log
    for project in "${published[@]}"; do
        log=$(dotnet publish "$root/$project" -c Release -r "$(kind_of_machine)" -v quiet -clp:NoSummary -nologo 2>&1 </dev/null) || { say "$log"; die "the build of $project failed"; }
    done
    for project in "$@"; do
        log=$(dotnet build "$root/$project" -c Release -v quiet -clp:NoSummary -nologo 2>&1 </dev/null) || { say "$log"; die "the build of $project failed"; }
    done
    mkdir -p "$root/data" && touch "$built"
}

# The name that .NET has for this machine.
kind_of_machine() {
    local system architecture
    case $(uname -s) in Darwin) system=osx ;; *) system=linux ;; esac
    case $(uname -m) in aarch64 | arm64) architecture=arm64 ;; *) architecture=x64 ;; esac
    echo "$system-$architecture"
}

is_newest() {
    [[ -z $(find "$root/src" "$root/tests" "$root"/Directory.* "$root/global.json" \
        \( -name bin -o -name obj -o -name node_modules -o -name wwwroot -o -name web \) -prune -o -type f -newer "$1" -print -quit) ]]
}

# build_on_orleans: silos and frontends of a cluster, compiled ahead of time as the programs are.
build_on_orleans() {
    local built=$root/data/.built-orleans project log
    if [[ -f $built ]] && is_newest "$built"; then return 0; fi
    say "Building on Orleans"
    for project in src/Frontend/Frontend.csproj src/Silo/Silo.csproj; do
        log=$(dotnet publish "$root/$project" -c Release -r "$(kind_of_machine)" -p:GridEngine=orleans -v quiet -clp:NoSummary -nologo 2>&1 </dev/null) && continue
        say "$log"
        die "the build on Orleans failed; it requires the Microsoft.Orleans packages of the public NuGet gallery"
    done
    mkdir -p "$root/data" && touch "$built"
}
