using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The official client's copies of a map that changes on two nodes, while clients come and go, are the map.</summary>
public sealed class MapNodesTests
{
    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [TestCase("map:a")]
    [TestCase("brief:a")]
    [Checklist(185)]
    public async Task Copies_on_both_nodes_are_the_map(string channel)
    {
        await using var nodes = await TwoNodes.StartAsync(options => options with
        {
            Namespaces = TestNamespaces.Of(
                ("map", TestMaps.Open(TestMaps.Persistent with { StreamSize = 20, MinPageSize = 1 })),
                ("brief", TestMaps.Open(TestMaps.Ephemeral))),
        });
        var ports = nodes.Both.Select(node => node.Url.Port.ToString(CultureInfo.InvariantCulture)).ToArray();

        await using var script = RunningProcess.Start("node", ["mapnodes.mjs", .. ports, RunningBroker.Key, channel], OfficialClient.Folder);

        Assert.That(await script.WaitForExitAsync(TimeSpan.FromMinutes(1)), Is.Zero, await script.ReadErrorsAsync());
    }
}
