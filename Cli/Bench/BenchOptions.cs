using ClawEvents.Cli.Http;

namespace ClawEvents.Cli.Bench;

/// <summary>What a benchmark does.</summary>
internal enum BenchRole
{
    /// <summary>Publishes.</summary>
    Pub,

    /// <summary>Counts what another benchmark publishes.</summary>
    Sub,

    /// <summary>Both, in one process.</summary>
    FanOut,
}

/// <summary>A benchmark, checked.</summary>
/// <param name="WebSocket">Address of the clients' door.</param>
/// <param name="Api">Address of the HTTP API.</param>
/// <param name="Trust">Judges the server's certificate.</param>
internal sealed record BenchOptions(BenchRole Role, Uri WebSocket, Uri Api, CertificateTrust Trust)
{
    public string Channel { get; init; } = "public.bench";

    public int Publishers { get; init; } = 1;

    public int Subscribers { get; init; } = 1;

    /// <summary>Bytes of the JSON text of a message.</summary>
    public int Size { get; init; } = 128;

    /// <summary>Messages of each publisher, or for <see cref="BenchRole.Sub"/> of each subscriber; 0: as many as there is time for.</summary>
    public long Count { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages of one publisher that wait for their reply.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Messages per second of each publisher; 0: as fast as possible.</summary>
    public int Rate { get; init; }

    /// <summary>How long the last messages are waited for when nothing arrives.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Of the server API; null: messages are published over WebSockets.</summary>
    public string? Key { get; init; }

    /// <summary>Of the clients; null: anonymous, or <see cref="PublisherTokens"/>.</summary>
    public string? Token { get; init; }

    /// <summary>A token for each publisher; empty: <see cref="Token"/>.</summary>
    public IReadOnlyList<string> PublisherTokens { get; init; } = [];

    /// <summary>Whether messages of one publisher keep their order: requests over HTTP that are under way together have none.</summary>
    public bool HasOrder => Key is null || InFlight == 1;
}
