using System.Globalization;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests;

/// <summary>A PostgreSQL for all tests that do no harm to it; each takes a table of its own.</summary>
[SetUpFixture]
internal sealed class SharedPostgres
{
    private static readonly Lazy<RunningPostgres> Started = new(() => RunningPostgres.StartAsync().GetAwaiter().GetResult());

    private static int _tables;

    /// <summary>Started when it is first asked for.</summary>
    public static RunningPostgres Server => Started.Value;

    /// <summary>A name that nobody else has.</summary>
    public static string NextTable() => string.Create(CultureInfo.InvariantCulture, $"outbox{Interlocked.Increment(ref _tables)}");

    [OneTimeTearDown]
    public async Task Stop() => await (Started.IsValueCreated ? Started.Value.DisposeAsync() : ValueTask.CompletedTask);
}
