#!/usr/bin/env bash
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
exec dotnet build "$@" -c Release -v q -p:UseSharedCompilation=true -p:SharedCompilationId=h3build -p:NuGetAudit=false -nodeReuse:false
