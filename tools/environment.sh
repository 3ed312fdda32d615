# What the tools need of the environment, whatever it is: no terminal, no home, another user's home.

if [[ -z ${HOME:-} || ! -d $HOME || ! -w $HOME ]]; then
    HOME=$root/data/home
    mkdir -p "$HOME"
fi
export HOME
export DOTNET_CLI_HOME=${DOTNET_CLI_HOME:-$HOME}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_ADD_GLOBAL_TOOLS_TO_PATH=false
export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
# Build servers that outlive the build would keep its output pipe open, and a caller that reads it waiting.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
# Nothing here sorts or formats by a language, so the SDK works without the ICU library.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# Packages are pinned and hashed; asking revocation servers costs minutes where they cannot be reached.
export NUGET_CERT_REVOCATION_MODE=${NUGET_CERT_REVOCATION_MODE:-offline}
# Node trusts only its own list of authorities; the machine's list may hold those of the network it is in.
[[ -n ${NODE_EXTRA_CA_CERTS:-} || ! -r /etc/ssl/certs/ca-certificates.crt ]] || export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
