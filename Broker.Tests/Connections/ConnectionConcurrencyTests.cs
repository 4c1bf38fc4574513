using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>A connection that comes and goes while others publish.</summary>
internal sealed partial class ConnectionConcurrencyTests
{
    private const int Publishers = 3;
    private const int Stays = 300;

    [Test]
    public void Pushes_come_between_the_replies_to_subscribe_and_unsubscribe_only_and_in_the_order_all_see()
    {
        using var rig = new BrokerRig();
        var witness = new ClientLink(rig).Connected();
        witness.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}");
        var link = new ClientLink(rig).Connected();
        var done = false;
        var next = 0;

        var publishers = Enumerable.Range(0, Publishers).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                rig.Publish("public.a", $"{Interlocked.Increment(ref next)}");
            }
        })).ToArray();
        Array.ForEach(publishers, publisher => publisher.Start());
        for (var stay = 0; stay < Stays; stay++)
        {
            link.Send("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}");
            Thread.Yield();
            link.Send("{\"id\":3,\"unsubscribe\":{\"channel\":\"public.a\"}}");
        }

        Volatile.Write(ref done, true);
        Array.ForEach(publishers, publisher => publisher.Join());

        var place = witness.Received().Index().ToDictionary(entry => NumberIn(entry.Item), entry => entry.Index);
        var heard = link.Received();
        Assert.That(place, Has.Count.EqualTo(next), "the witness heard all");
        AssertPushesLieWithinStays(heard);
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

        Assert.That(heard.Count(frame => !IsPush(frame)), Is.EqualTo(2 * Stays));
    }

    private static bool IsPush(string frame) => frame.StartsWith("{\"push\":{\"channel\":\"public.a\",\"pub\":", StringComparison.Ordinal);

    private static int NumberIn(string push) => int.Parse(Number().Match(push).ValueSpan, provider: null);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
