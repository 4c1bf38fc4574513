using System.Net;
using System.Reflection;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Settings that a running broker takes over.</summary>
internal sealed class ReloadedSettingsTests
{
    // What has a new value elsewhere than in the records of options: origins, keys, limits of node and addresses.
    private static readonly string[] KeptElsewhere =
    [
        "Namespaces", "WithoutNamespace", "AllowedOrigins", "AllowedHosts", "TrustedProxies", "MaxConnections", "ConnectionsPerSecond", "MaxTurnDelayMilliseconds", "AccessLog", "Logging:LogLevel", "Logging:Console:FormatterName",
        "JWT_SECRET", "CENTRIFUGO_API_KEY", "GrpcApiKey", "AdminPassword", "AdminSecret", "SeparateSubscriptionTokens", "SkipTokenSignatures",
    ];

    private static IEnumerable<SettingInfo> Settings => SettingCatalog.Topics.SelectMany(topic => topic.Settings)
        .Where(setting => !KeptElsewhere.Contains(setting.Name) && !setting.Name.Contains("Token", StringComparison.Ordinal) && !setting.Name.EndsWith("PerAddress", StringComparison.Ordinal));

    [Test]
    public async Task A_reload_changes_the_options_that_the_rooms_read_and_no_others()
    {
        var reloadable = new List<string>();
        var atStart = Read(null);
        await using var broker = await RunningBroker.StartAsync();
        var inUse = ActivatorUtilities.CreateInstance<SettingsInUse>(broker.Get<IServiceProvider>(), atStart);
        foreach (var setting in Settings)
        {
            var fresh = Read(setting);
            var differing = Differences(Read(null), fresh).ToList();
            inUse.Apply(fresh);
            if (differing.Count > 0 && differing.All(path => Equals(ValueAt(atStart, path), ValueAt(fresh, path))))
            {
                reloadable.Add(setting.Name);
            }
        }

        Assert.That(reloadable, Is.EquivalentTo(Settings.Where(setting => setting.IsReloadable).Select(setting => setting.Name)));
    }

    [Test]
    public async Task Limits_that_were_reloaded_hold_for_clients_that_are_there()
    {
        BrokerOptions? atStart = null;
        await using var broker = await RunningBroker.StartAsync(options => atStart = options);
        var inUse = ActivatorUtilities.CreateInstance<SettingsInUse>(broker.Get<IServiceProvider>(), atStart!);
        var token = await broker.RegisterAsync("alice");
        await using var client = await broker.ConnectAsync(token);

        inUse.Apply(atStart! with
        {
            Publishing = new() { PublishesPerSecond = 0, MaxPayloadBytes = 10 },
            Connections = new() { MaxSubscriptionsPerConnection = 1 },
            Clients = new() { AllowAnonymous = false },
            Api = new() { MaxLocks = 0 },
        });

        Assert.That((await broker.PostAsync("/api/publish", """{"channel":"public.a","payload":"0123456789"}""", token)).Status, Is.EqualTo(413));
        Assert.That((await broker.PostAsync("/api/lock", """{"channel":"agent.alice.a"}""", token)).Status, Is.EqualTo(403));
        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Does.StartWith("""{"id":2,"subscribe":"""));
        Assert.That(await client.AskAsync("""{"id":3,"subscribe":{"channel":"public.b"}}"""), Does.StartWith("""{"id":3,"error":{"code":106,"""));
        await using var anonymous = await broker.UpgradeAsync();
        await anonymous.SendTextAsync("""{"id":1,"connect":{}}""");
        Assert.That((await anonymous.ReadCloseAsync()).Code, Is.EqualTo(3501));
    }

    [Test]
    public void Proxies_and_rates_that_were_reloaded_hold_immediately()
    {
        var proxies = new TrustedProxies([]);
        var buckets = new AddressBuckets(new(0.001, 1), TimeProvider.System);
        var address = AddressKey.Of(IPAddress.Parse("192.0.2.1"));
        var (first, second) = (buckets.TryTake(address), buckets.TryTake(address));

        proxies.ReplaceWith(new TrustedProxies([IPNetwork.Parse("10.0.0.0/8")]));
        buckets.ApplySettings(BucketRule.Unlimited);
        var third = buckets.TryTake(address);
        buckets.ApplySettings(new(0.001, 3));
        var other = Enumerable.Range(0, 4).Select(_ => buckets.TryTake(AddressKey.Of(IPAddress.Parse("192.0.2.2"))));

        Assert.That((first, second, third), Is.EqualTo((true, false, true)));
        Assert.That(other, Is.EqualTo(new[] { true, true, true, false }), "The new rule.");
        Assert.That(proxies.ClientOf(IPAddress.Parse("10.1.1.1"), "192.0.2.1"), Is.EqualTo(address));
    }

    // Another value than the default, of any kind that is valid.
    private static BrokerOptions Read(SettingInfo? changed)
    {
        if (changed is null)
        {
            return new BrokerOptionsReader(new ConfigurationBuilder().Build()).Read();
        }

        foreach (var value in (string[])["true", "false", "7", "300", "2000", "transport", "Sockets", "127.0.0.2", "/other", "https://example.com", "json", "a text of more than thirty-two bytes!"])
        {
            var reader = new BrokerOptionsReader(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(changed.Name, (string?)value)]).Build());
            var options = reader.Read();
            if (reader.Faults.Count == 0 && Differences(Read(null), options).Any())
            {
                return options;
            }
        }

        return Read(null);
    }

    // Numbers, flags, times and texts: what has other values is kept elsewhere, or needs a restart.
    private static IEnumerable<string> Differences(BrokerOptions one, BrokerOptions other) =>
        from section in typeof(BrokerOptions).GetProperties()
        where section.PropertyType.IsClass
        from property in section.PropertyType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.CanWrite && (property.PropertyType.IsValueType || property.PropertyType == typeof(string))
        where !Equals(property.GetValue(section.GetValue(one)), property.GetValue(section.GetValue(other)))
        select $"{section.Name}.{property.Name}";

    private static object? ValueAt(BrokerOptions options, string path)
    {
        var (section, property) = (path.Split('.')[0], path.Split('.')[1]);
        var record = typeof(BrokerOptions).GetProperty(section)!.GetValue(options)!;
        return record.GetType().GetProperty(property)!.GetValue(record);
    }
}
