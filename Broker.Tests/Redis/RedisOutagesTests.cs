using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Redis;

internal sealed class RedisOutagesTests : IDisposable
{
    private static readonly RedisAddress Address = TestRedis.Address("redis://:hush@here");
    private static readonly RedisAddress Other = TestRedis.Address("redis://there");

    private readonly RunningLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly RedisOutages _outages;

    public RedisOutagesTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _outages = new RedisOutages(_loggers.CreateLogger<RedisOutages>());
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _log.Dispose();
    }

    [Test]
    public void An_outage_is_one_warning_until_all_connections_are_back()
    {
        _outages.Report(Address, "hears", new("closed"));
        _outages.Report(Address, "asks", new("refused"));
        _outages.Report(Address, "hears", null);
        _outages.Report(Address, "hears", new("closed again"));
        Assert.That(_log.Warnings.Single(), Does.StartWith("Redis (here:6379/0) is away: closed."));

        _outages.Report(Address, "hears", null);
        _outages.Report(Address, "asks", null);
        _outages.Report(Address, "asks", new("later"));

        Assert.That(_log.Warnings, Has.Count.EqualTo(2));
        Assert.That(_log.Warnings.Last(), Does.Contain("later"));
    }

    [Test]
    public void Each_Redis_has_its_own_outages()
    {
        _outages.Report(Address, "hears", new("closed"));
        _outages.Report(Other, "hears", new("closed"));
        _outages.Report(Other, "asks", null);

        Assert.That(_log.Warnings, Has.Count.EqualTo(2));
    }
}
