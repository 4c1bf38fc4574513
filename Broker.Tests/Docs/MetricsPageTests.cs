using System.Diagnostics.Metrics;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;
using Microsoft.Extensions.Hosting;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The page about metrics lists the instruments, and what operators get asks for no others.</summary>
internal sealed class MetricsPageTests
{
    private const string Begin = "<!-- CLAW_UPDATE_DOCS=1 writes the table again (MetricsPageTests) -->\n";
    private const string End = "<!-- end of the table -->\n";
    private const string Page = "docs/reference/metrics.md";

    [Test]
    public void The_page_lists_every_instrument_with_its_names_and_meaning()
    {
        var written = DeploymentFiles.Read(Page);
        WrittenPage.Check(DeploymentFiles.PathOf(Page), $"{written.Split(Begin)[0]}{Begin}\n{string.Join('\n', Rows())}\n\n{End}{written.Split(End)[1]}");
    }

    [TestCase(OperatorQueries.Dashboard)]
    [TestCase(OperatorQueries.Alerts)]
    [TestCase(Page)]
    [TestCase("docs/how-to/monitor.md")]
    [TestCase("docs/how-to/size-a-server.md")]
    [TestCase("docs/how-to/troubleshoot.md")]
    [TestCase("docs/how-to/run-in-production.md")]
    public void Only_metrics_that_exist_are_asked_for(string file)
    {
        var named = OperatorQueries.MetricsIn(DeploymentFiles.Read(file)).Where(name => name.StartsWith("clawevents_", StringComparison.Ordinal)).ToArray();

        Assert.That(named, Is.Not.Empty.And.SubsetOf(Instruments().Select(PrometheusNames.Of)));
    }

    [Test]
    public void Every_alert_is_explained() => Assert.That(
        OperatorQueries.OfAlerts.Select(alert => alert.Title).Where(title => !DeploymentFiles.Read("docs/how-to/monitor.md").Contains($"`{title}`", StringComparison.Ordinal)), Is.Empty);

    private static IEnumerable<string> Rows() =>
    [
        "| Meter | Prometheus | Kind | Meaning | In Centrifugo |", "|---|---|---|---|---|",
        .. from instrument in Instruments()
           orderby instrument.Name
           let alias = PrometheusNames.InCentrifugo(instrument)
           select $"| `{instrument.Name}` | `{PrometheusNames.Of(instrument)}` | {KindOf(instrument)} | {instrument.Description} | {(alias is null ? "" : $"`{alias.Name}`")} |",
    ];

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal).ToLowerInvariant();

    private static List<Instrument> Instruments()
    {
        using var rig = new BrokerRig(new BrokerOptions { Consumers = [new JetStreamOptions("orders", "nats://localhost", "commands", "clawevents")] });
        var metrics = rig.Get<BrokerMetrics>();
        NodesRoom.Start(rig.Provider);
        rig.Get<IReactorWatch>();
        rig.Get<Drain>();
        rig.Get<IEnumerable<IHostedService>>();
        var found = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (metrics.Owns(instrument))
            {
                found.Add(instrument);
            }
        };
        listener.Start();
        return found;
    }
}
