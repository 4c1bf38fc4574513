using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>Allocations of a publication in the embedded engine.</summary>
internal sealed class EngineAllocationTests : IDisposable
{
    private readonly ChannelName _channel = TestChannel.Named("public.hot");
    private readonly byte[] _payload = new byte[200];
    private readonly MemoryChannelEngine _engine = new(new DeafReceiver(), TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [Test]
    public void Without_history_nothing_is_allocated() =>
        Assert.That(Allocations.PerCall(() => Publish(default)), Is.Zero);

    [Test]
    public void With_history_only_what_is_kept_is_allocated()
    {
        var options = new HistoryOptions(100, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

        var perCall = Allocations.PerCall(() => Publish(options));

        Assert.That(perCall, Is.InRange(_payload.Length, _payload.Length + 100), "a copy of the payload, and an object around it");
    }

    [Test]
    public void A_delta_allocates_nothing()
    {
        var source = string.Concat(Enumerable.Range(0, 100).Select(i => $"{i} ")).Utf8();
        var target = string.Concat(Enumerable.Range(0, 100).Select(i => i % 30 == 9 ? "changed " : $"{i} ")).Utf8();
        var output = new ArrayBufferWriter<byte>(source.Length * 2);

        Assert.That(
            Allocations.PerCall(() =>
            {
                output.ResetWrittenCount();
                FossilDelta.TryCreate(source, target, output, wholeCharacters: true);
            }),
            Is.Zero);
        Assert.That(output.WrittenCount, Is.Positive);
    }

    [Test]
    public void Saying_again_that_a_client_is_there_allocates_nothing()
    {
        var client = new ClientInfo("alice", Guid.NewGuid());

        Assert.That(
            Allocations.PerCall(() =>
            {
                var adding = _engine.AddPresenceAsync(_channel, client, TimeSpan.FromMinutes(1));
                AssertIsNow(adding.IsCompletedSuccessfully);
            }),
            Is.Zero);
    }

    private void Publish(HistoryOptions options)
    {
        var publishing = _engine.PublishAsync(_channel, new() { Publication = new(_payload), History = options, WantsDelta = true });
        AssertIsNow(publishing.IsCompletedSuccessfully);
    }

    // A constraint would allocate.
    private static void AssertIsNow(bool isCompleted)
    {
        if (!isCompleted)
        {
            Assert.Fail("The embedded engine answers before it returns.");
        }
    }
}
