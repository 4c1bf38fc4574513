using System.IO.Pipelines;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>Frames that are kept back for a moment so that they leave with one write.</summary>
internal sealed class OutboundQueueCorkTests
{
    private readonly Pipe _pipe = InlinePipe.Create(pauseAt: 10);
    private readonly OutboundQueue _queue;

    public OutboundQueueCorkTests() => _queue = new PipeOutbound(_pipe.Writer, maxWaitingBytes: 100);

    [Test]
    public void Corked_frames_leave_together_when_the_cork_is_drawn()
    {
        _queue.Cork();
        _queue.TryEnqueue("[a]"u8);
        _queue.TryEnqueue("[b]"u8);
        var before = Sent();

        _queue.Uncork();
        var after = Sent();
        _queue.TryEnqueue("[c]"u8);

        Assert.That((before, after, Sent()), Is.EqualTo(("", "[a][b]", "[c]")));
    }

    [Test]
    public void A_last_frame_draws_the_cork()
    {
        _queue.Cork();
        _queue.TryEnqueue("[a]"u8);

        _queue.TryEnd("last".Utf8());
        var sent = Sent();
        _queue.Uncork();

        Assert.That((sent, Sent()), Is.EqualTo(("[a]last", "")));
    }

    [Test]
    public void A_cork_while_the_pipe_is_full_changes_nothing()
    {
        Fill();
        _queue.Cork();
        _queue.TryEnqueue("[a]"u8);
        _queue.Uncork();

        Assert.That((Sent(), Sent()), Is.EqualTo(("0123456789", "[a]")));
    }

    // As many bytes as make the pipe's flush pending.
    private void Fill() => _queue.TryEnqueue("0123456789"u8);

    private string Sent() => _pipe.Reader.TakeAll().Text();
}
