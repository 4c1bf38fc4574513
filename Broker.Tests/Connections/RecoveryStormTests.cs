using System.Text.Json;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Many subscribers that leave and come back while many clients publish.</summary>
internal sealed class RecoveryStormTests
{
    private const int Publishers = 3;
    private const int PublicationsEach = 3_000;
    private const int Subscribers = 6;
    private const int LeastStays = 12;

    [TestCase(false)]
    [TestCase(true)]
    [CancelAfter(120_000)]
    public void Clients_that_come_and_go_lose_no_publication_and_get_none_twice(bool withDeltas, CancellationToken cancellation)
    {
        var namespaces = TestNamespaces.Only(
            ("rec", TestNamespaces.History with { HistorySize = 100_000, ForceRecovery = true, AllowFossilDelta = true, DeltaPublish = true }));

        // A visitor's commands must not wait: it counts on the reply.
        using var rig = new BrokerRig(namespaces with { Connections = new() { CommandsPerSecond = 0 } });
        var visitors = Enumerable.Range(0, Subscribers).Select(_ => new Visitor(rig, withDeltas)).ToArray();
        var published = 0L;
        var publishers = Enumerable.Range(0, Publishers).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < PublicationsEach; i++)
            {
                // A visitor that misses more than a recovery reaches would rightly have to start again. Each publisher may be
                // between its count and its delivery when the visitor leaves, and between this check and its count when it returns.
                SpinWait.SpinUntil(() => Array.TrueForAll(visitors, visitor => Volatile.Read(ref published) - visitor.LeftAt < MissedHistory.PageSize - (2 * Publishers)));

                // Visitors that get little processor time would otherwise find everything published before they have come and gone.
                var due = i * LeastStays / PublicationsEach;
                SpinWait.SpinUntil(() => cancellation.IsCancellationRequested || Array.TrueForAll(visitors, visitor => visitor.Stays > due));
                Interlocked.Increment(ref published);
                rig.Publish("rec:a", $"\"{Guid.NewGuid()}{new string('x', 60)}\"");
            }
        })).ToArray();
        Array.ForEach(visitors, visitor => visitor.Stay());
        var witness = new Visitor(rig, withDeltas: false);
        witness.Stay();

        Array.ForEach(publishers, publisher => publisher.Start());
        var visits = visitors.Select(visitor => new Thread(() =>
        {
            while (publishers.Any(publisher => publisher.IsAlive) && !cancellation.IsCancellationRequested)
            {
                visitor.ComeAndGo(Volatile.Read(ref published));
            }

            visitor.Finish();
        })).ToArray();
        Array.ForEach(visits, visit => visit.Start());
        Array.ForEach(publishers.Concat(visits).ToArray(), thread => thread.Join());
        witness.Finish();

        Assert.That(witness.Values, Has.Count.EqualTo(Publishers * PublicationsEach));
        foreach (var visitor in visitors)
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(visitor.Faults, Is.Empty);
                Assert.That(visitor.Stays, Is.AtLeast(LeastStays));
                Assert.That(visitor.Recoveries, Is.EqualTo(visitor.Stays - 1));
                Assert.That(visitor.Values, Is.EqualTo(witness.Values));
            }
        }
    }

    /// <summary>A client as the official ones are: it goes on from the last offset it has seen.</summary>
    private sealed class Visitor(BrokerRig rig, bool withDeltas)
    {
        private readonly ClientLink _link = new ClientLink(rig).Connected();
        private ulong _offset;
        private long _leftAt = long.MaxValue;
        private string _epoch = "";
        private int _stays;

        public List<string> Values { get; } = [];

        public List<string> Faults { get; } = [];

        public int Stays => Volatile.Read(ref _stays);

        public int Recoveries { get; private set; }

        /// <summary>How many had been published before it left; far more while it is there.</summary>
        public long LeftAt => Volatile.Read(ref _leftAt);

        public void Stay()
        {
            Interlocked.Increment(ref _stays);
            var recover = _epoch.Length == 0 ? "" : $",\"recover\":true,\"offset\":{_offset},\"epoch\":\"{_epoch}\"";
            _link.Send($"{{\"id\":2,\"subscribe\":{{\"channel\":\"rec:a\"{recover}{(withDeltas ? ",\"delta\":\"fossil\"" : "")}}}}}");
        }

        public void ComeAndGo(long published)
        {
            Volatile.Write(ref _leftAt, published);
            _link.Send("{\"id\":3,\"unsubscribe\":{\"channel\":\"rec:a\"}}");
            Read();
            Stay();
            Volatile.Write(ref _leftAt, long.MaxValue);
            Thread.Yield();
            Read();
        }

        public void Finish() => Read();

        private void Read()
        {
            foreach (var frame in _link.Frames())
            {
                Read(frame);
            }
        }

        private void Read(ServerFrame frame)
        {
            if (frame.Opcode != 0x1)
            {
                Faults.Add($"{frame}");
                return;
            }

            using var json = JsonDocument.Parse(frame.Payload);
            if (json.RootElement.TryGetProperty("subscribe", out var subscribed))
            {
                Begin(subscribed);
            }
            else if (json.RootElement.TryGetProperty("push", out var push) && push.TryGetProperty("pub", out var publication))
            {
                Take(publication);
            }
            else if (!json.RootElement.TryGetProperty("unsubscribe", out _))
            {
                Faults.Add($"{frame}");
            }
        }

        private void Begin(JsonElement subscribed)
        {
            Recoveries += subscribed.TryGetProperty("recovered", out _) ? 1 : 0;
            _epoch = subscribed.GetProperty("epoch").GetString()!;
            if (subscribed.TryGetProperty("publications", out var publications))
            {
                foreach (var publication in publications.EnumerateArray())
                {
                    Take(publication);
                }
            }
        }

        private void Take(JsonElement publication)
        {
            var offset = publication.GetProperty("offset").GetUInt64();
            if (offset != _offset + 1)
            {
                Faults.Add($"{offset} after {_offset}");
            }

            _offset = offset;
            var data = withDeltas ? publication.GetProperty("data").GetString()! : publication.GetProperty("data").GetRawText();
            Values.Add(publication.TryGetProperty("delta", out _) ? FossilPatch.Apply(Values[^1].Utf8(), data.Utf8()).Text() : data);
        }
    }
}
