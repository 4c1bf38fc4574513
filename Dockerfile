# syntax=docker/dockerfile:1

# Build one native file with the SDK and clang, run it on the smallest image that has what it needs (glibc, OpenSSL, certificates): no
# .NET, no shell, no package manager, not root. The build runs on the platform of the image, because it links for that one:
# `--platform=linux/arm64` on another machine goes through its emulation, and takes long.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS source
ARG TARGETARCH
RUN apt-get update \
    && apt-get install -y --no-install-recommends clang zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source

# What decides the restore comes first, so that a change of code alone does not restore again.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY Broker/Broker.csproj Broker/
COPY Broker/Web/Pack/Pack.targets Broker/Web/Pack/
# (-r of a restore would leave out the compiler of native code.)
RUN dotnet restore Broker -p:RuntimeIdentifier=linux-$( [ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64 )
COPY Broker/ Broker/
# The pages of the broker hold the documentation.
COPY README.md ./
COPY docs/ docs/

# The broker that reads Kafka and the queues of clouds, too (docs/how-to/publish-from-a-queue.md): docker build --target queues .
FROM source AS build-queues
ARG TARGETARCH
RUN dotnet publish Broker/Queues -c Release \
        -r linux-$( [ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64 ) -o /app \
    && install -d -m 0700 /data

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled AS queues
WORKDIR /app
COPY --from=build-queues /app/ ./
COPY --from=build-queues --chown=1654:1654 /data /data
USER 1654
ENV CLAW_HOST=* \
    PORT=8080 \
    CLAW_DATA_DIR=/data \
    DOTNET_EnableDiagnostics=0
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=5s --retries=3 CMD ["./clawevents-broker-queues", "healthcheck"]
ENTRYPOINT ["./clawevents-broker-queues"]

FROM source AS build
ARG TARGETARCH
RUN dotnet publish Broker -c Release --no-restore \
        -r linux-$( [ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64 ) -o /app \
    && install -d -m 0700 /data

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app/clawevents-broker ./

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
