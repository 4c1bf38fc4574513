using System.Runtime.InteropServices;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Transport;

/// <summary>The parts of a reactor that hold bytes.</summary>
internal sealed class ReactorBuffersTests
{
    [Test]
    public void A_cork_passes_to_another_owner_when_the_one_before_has_sent()
    {
        var cork = new Cork();
        var (first, second) = (new Owner(cork), new Owner(cork));
        cork.Begin(first);
        cork.TryAdd("ab"u8);
        cork.TryAdd("c"u8);
        cork.Begin(first);
        Assert.That((cork.Owner, first.Sent), Is.EqualTo(((ICorked?)first, "")));

        cork.Begin(second);
        cork.TryAdd("d"u8);
        second.Uncork();

        Assert.That((first.Sent, second.Sent, cork.Owner), Is.EqualTo(("abc", "d", (ICorked?)null)));
    }

    [Test]
    public void A_cork_without_room_takes_nothing_until_it_is_cleared()
    {
        var cork = new Cork();
        Assert.That(cork.TryAdd(new byte[64 * 1024]), Is.True);

        Assert.That(cork.TryAdd([1]), Is.False);
        Assert.That(cork.Bytes.Length, Is.EqualTo(64 * 1024));
        cork.Clear();
        Assert.That(cork.TryAdd([1]), Is.True);
        Assert.That(cork.Bytes.ToArray(), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void Received_bytes_that_are_kept_are_not_overwritten()
    {
        var (buffer, random) = (new ReceiveBuffer(), new Random(1));
        var kept = new List<(Memory<byte> Bytes, byte[] Copy)>();
        for (var i = 0; i < 200; i++)
        {
            var free = buffer.Free;
            Assert.That(free.Length, Is.InRange(16 * 1024, ReceiveBuffer.MaxRead));
            random.NextBytes(free.Span);
            var count = random.Next(free.Length + 1);
            if (random.Next(2) == 0)
            {
                kept.Add((free[..count], free[..count].ToArray()));
                buffer.Keep(count);
            }
        }

        Assert.That(kept, Has.Count.GreaterThan(50).And.All.Matches<(Memory<byte> Bytes, byte[] Copy)>(one => one.Bytes.Span.SequenceEqual(one.Copy)));
    }

    [Test]
    public void Bytes_that_are_not_kept_cost_no_new_memory()
    {
        var buffer = new ReceiveBuffer();
        var first = buffer.Free;

        Assert.That(buffer.Free.Equals(first), Is.True);
    }

    [Test]
    public unsafe void An_event_of_epoll_has_the_size_that_the_system_means()
    {
        Assert.That(EpollEvents.Size, Is.EqualTo(RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 12 : 16));
        var bytes = stackalloc byte[2 * EpollEvents.Size];
        EpollEvents.Write(bytes, Readiness.Readable | Readiness.EdgeTriggered, ulong.MaxValue);
        EpollEvents.Write(bytes + EpollEvents.Size, Readiness.Writable, 7);

        Assert.That((EpollEvents.ReadinessAt(bytes), EpollEvents.DataAt(bytes)), Is.EqualTo((Readiness.Readable | Readiness.EdgeTriggered, ulong.MaxValue)));
        Assert.That((EpollEvents.ReadinessAt(bytes + EpollEvents.Size), EpollEvents.DataAt(bytes + EpollEvents.Size)), Is.EqualTo((Readiness.Writable, 7ul)));
    }

    private sealed class Owner(Cork cork) : ICorked
    {
        public string Sent { get; private set; } = "";

        public void Uncork()
        {
            Sent += System.Text.Encoding.ASCII.GetString(cork.Bytes);
            cork.End();
        }
    }
}
