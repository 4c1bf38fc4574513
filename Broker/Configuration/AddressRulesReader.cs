using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads the costs that one address may cause.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class AddressRulesReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const int SecondsPerMinute = 60;

    private static readonly AddressRules Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public AddressRules Read() => new()
    {
        MaxConnections = _source.Number("MaxConnectionsPerAddress", Defaults.MaxConnections, 0, 10_000_000),
        Connections = PerSecond("ConnectionsPerSecondPerAddress", Defaults.Connections),
        AnonymousPublishes = PerSecond("AnonymousPublishesPerSecondPerAddress", Defaults.AnonymousPublishes),
        SignIns = PerMinute("SignInsPerMinutePerAddress", Defaults.SignIns),
        AccessRequests = PerMinute("AccessRequestsPerMinutePerAddress", Defaults.AccessRequests),
        Searches = PerSecond("SearchesPerSecondPerAddress", Defaults.Searches),
    };

    // The burst keeps the proportion of the default rule.
    private BucketRule PerSecond(string name, BucketRule fallback)
    {
        var rate = _source.Number(name, (int)fallback.PerSecond, 0, 1_000_000);
        return new(rate, Math.Max(1, rate * fallback.Burst / fallback.PerSecond));
    }

    // The burst is a minute's worth.
    private BucketRule PerMinute(string name, BucketRule fallback)
    {
        var rate = _source.Number(name, (int)(fallback.PerSecond * SecondsPerMinute), 0, 1_000_000);
        return new((double)rate / SecondsPerMinute, Math.Max(1, rate));
    }
}
