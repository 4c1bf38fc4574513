using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>A connection that subscribes and unsubscribes while others publish.</summary>
internal sealed partial class ConnectionConcurrencyTests
{
    private const int Publishers = 3;
    private const int PublicationsEach = 10_000;
    private const string Subscribe = "{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}";
    private const string Unsubscribe = "{\"id\":3,\"unsubscribe\":{\"channel\":\"public.a\"}}";

    [Test]
    public void Pushes_come_between_the_two_replies_only_and_in_one_order_for_all()
    {
        using var rig = new BrokerRig();
        var witness = new ClientLink(rig).Connected();
        witness.Ask(Subscribe);
        var link = new ClientLink(rig).Connected();
        var next = 0;
        var publishers = Enumerable.Range(0, Publishers).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < PublicationsEach; i++)
            {
                rig.Publish("public.a", $"{Interlocked.Increment(ref next)}");
            }
        })).ToArray();

        // The first stay sees the first publications; the others come as they come.
        link.Send(Subscribe);
        Array.ForEach(publishers, publisher => publisher.Start());
        SpinWait.SpinUntil(() => Volatile.Read(ref next) > 100);
        link.Send(Unsubscribe);
        var stays = 1;
        while (publishers.Any(publisher => publisher.IsAlive))
        {
            link.Send(Subscribe);
            Thread.Yield();
            link.Send(Unsubscribe);
            stays++;
        }

        var place = witness.Received().Index().ToDictionary(entry => NumberIn(entry.Item), entry => entry.Index);
        var heard = link.Received();
        Assert.That(place, Has.Count.EqualTo(Publishers * PublicationsEach), "the witness heard all");
        AssertPushesLieWithinStays(heard);
        Assert.That(heard.Count(frame => !IsPush(frame)), Is.EqualTo(2 * stays));
        Assert.That(heard.Count(IsPush), Is.Positive);
        Assert.That(heard.Where(IsPush).Select(push => place[NumberIn(push)]), Is.Ordered.Ascending.And.Unique);
    }

    private static void AssertPushesLieWithinStays(string[] heard)
    {
        var isThere = false;
        foreach (var (place, frame) in heard.Index())
        {
            switch (frame)
            {
                case "{\"id\":2,\"subscribe\":{}}":
                    isThere = true;
                    break;
                case "{\"id\":3,\"unsubscribe\":{}}":
                    isThere = false;
                    break;
                default:
                    Assert.That(isThere && IsPush(frame), Is.True, $"frame {place} is {frame}");
                    break;
            }
        }
    }

    private static bool IsPush(string frame) => frame.StartsWith("{\"push\":{\"channel\":\"public.a\",\"pub\":", StringComparison.Ordinal);

    private static int NumberIn(string push) => int.Parse(Number().Match(push).ValueSpan, provider: null);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
