# syntax=docker/dockerfile:1

# Build with the SDK, run on the chiselled runtime: no shell, no package manager, not root.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
WORKDIR /source

# What decides the restore comes first, so that a change of code alone does not restore again.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY Broker/Broker.csproj Broker/
RUN dotnet restore Broker -r linux-$( [ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64 )
COPY Broker/ Broker/
RUN dotnet publish Broker -c Release --no-restore --self-contained false -p:PublishSingleFile=false \
        -r linux-$( [ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64 ) -o /app \
    && install -d -m 0700 /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app ./

# The image's own user, 1654, owns the data folder and nothing else.
COPY --from=build --chown=1654:1654 /data /data
USER 1654
ENV CLAW_HOST=* \
    PORT=8080 \
    CLAW_DATA_DIR=/data \
    DOTNET_EnableDiagnostics=0
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=5s --retries=3 CMD ["./clawevents-broker", "healthcheck"]
ENTRYPOINT ["./clawevents-broker"]
