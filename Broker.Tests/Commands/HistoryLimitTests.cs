using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Commands;

/// <summary>How much of a history a client gets with one question.</summary>
internal sealed class HistoryLimitTests
{
    [TestCase(-1, 3)]
    [TestCase(10, 3)]
    [TestCase(2, 2)]
    [TestCase(0, 0)]
    public void It_is_what_it_asks_for_up_to_the_setting(int asked, int got)
    {
        using var rig = new BrokerRig(TestNamespaces.Only(("rec", TestNamespaces.History)) with { Connections = new() { MaxHistoryPublications = 3 } });
        for (var number = 1; number <= 5; number++)
        {
            rig.Publish("rec:a", $"{number}");
        }

        var link = new ClientLink(rig).Connected();
        link.Send($$$"""{"id":2,"history":{"channel":"rec:a","limit":{{{asked}}}}}""");

        Assert.That(link.Frames().Single().Payload.Text().Split("\"data\":").Length - 1, Is.EqualTo(got));
    }
}
