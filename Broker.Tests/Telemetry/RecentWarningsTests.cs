using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Doubles;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Telemetry;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RecentWarningsTests : IDisposable
{
    private readonly RecentWarnings _warnings = new(new ManualTimeProvider());

    public void Dispose() => _warnings.Dispose();

    [Test]
    public void Warnings_and_errors_are_kept_newest_first_without_their_stack()
    {
        var logger = _warnings.CreateLogger("ClawEvents.Broker.X");
        Log(logger, LogLevel.Information, "quiet");
        Log(logger, LogLevel.Warning, "first");
        Log(logger, LogLevel.Error, "second", new InvalidOperationException("why"));

        Assert.That(_warnings.Read(), Is.EqualTo(new[]
        {
            new LoggedWarning(ManualTimeProvider.Start, LogLevel.Error, "ClawEvents.Broker.X", "second"),
            new LoggedWarning(ManualTimeProvider.Start, LogLevel.Warning, "ClawEvents.Broker.X", "first"),
        }));
    }

    [Test]
    public void Old_ones_make_room_and_long_ones_are_cut()
    {
        var logger = _warnings.CreateLogger("x");
        for (var i = 0; i < RecentWarnings.Capacity + 5; i++)
        {
            Log(logger, LogLevel.Warning, $"{i} {new string('x', 10_000)}");
        }

        var kept = _warnings.Read();

        Assert.That(kept, Has.Count.EqualTo(RecentWarnings.Capacity));
        Assert.That(kept[^1].Message, Does.StartWith("5 ").And.EndsWith("…").And.Length.LessThan(600));
    }

    private static void Log(ILogger logger, LogLevel level, string message, Exception? exception = null) =>
        logger.Log(level, default, message, exception, static (text, _) => text);
}
