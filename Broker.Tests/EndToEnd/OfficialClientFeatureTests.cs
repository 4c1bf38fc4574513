using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Every feature of the official JavaScript client, over every transport and in both protocols. The scripts assert for themselves.</summary>
public sealed class OfficialClientFeatureTests : RunningBrokerTests
{
    private const string Secret = "the-secret-that-signs-tokens-of-clients";

    private static readonly (string Transport, string Protocol)[] Ways =
        [("websocket", "json"), ("websocket", "protobuf"), ("http_stream", "json"), ("http_stream", "protobuf"), ("sse", "json")];

    private static readonly ClientPermission Everybody = new(ForClient: true, ForSubscriber: true, ForAnonymous: true);

    private static readonly ChannelOptions Plain = new() { Subscribe = Everybody, Publish = Everybody, ReadPresence = Everybody, ReadHistory = Everybody };

    private static readonly ChannelOptions Kept = Plain with { HistorySize = 100, HistoryTtl = TimeSpan.FromMinutes(1), ForceRecovery = true };

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Identity = options.Identity with { JwtSecret = Secret },
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["plain"] = Plain,
                ["closed"] = new(),
                ["presence"] = Plain with { Presence = true, JoinLeave = true },
                ["history"] = Kept,
                ["cache"] = Kept with { RecoveryMode = RecoveryMode.Cache },
                ["tags"] = Kept with { AllowTagsFilter = true },
                ["delta"] = Kept with { AllowFossilDelta = true, DeltaPublish = true },
                ["map"] = TestMaps.Open(TestMaps.Persistent with { StreamSize = 100 }) with { MapClientsPrefix = "clients:" },
                ["mapdelta"] = TestMaps.Open(TestMaps.Persistent with { StreamSize = 100 }) with { AllowFossilDelta = true, DeltaPublish = true },
                ["cursors"] = TestMaps.Open(TestMaps.Ephemeral with { ClientKey = MapClientKey.ClientId, RemoveClientOnUnsubscribe = true }),
                ["clients"] = TestMaps.Open(TestMaps.Ephemeral) with { SubscriptionType = SubscriptionType.MapClients },
            },
            new ChannelOptions()),
    };

    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    public static IEnumerable<TestCaseData> Features() =>
        from script in Directory.EnumerateFiles(Path.Combine(OfficialClient.Folder, "features"), "*.mjs").Select(Path.GetFileNameWithoutExtension)
        where script is not "bench"
        from way in Ways
        select new TestCaseData(script, way.Transport, way.Protocol);

    [TestCaseSource(nameof(Features))]
    [Checklist(72, 85, 88, 97, 114, 170)]
    public async Task A_feature_works_with_the_official_client(string feature, string transport, string protocol)
    {
        var port = Broker.Url.Port.ToString(CultureInfo.InvariantCulture);

        await using var script = RunningProcess.Start("node", [$"features/{feature}.mjs", port, transport, protocol, Secret, RunningBroker.Key], OfficialClient.Folder);

        Assert.That(await script.WaitForExitAsync(), Is.Zero, await script.ReadErrorsAsync());
    }
}
