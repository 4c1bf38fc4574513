using System.IO.Pipelines;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>The queue of a connection, over a pipe that is full from 10 unread bytes on.</summary>
internal sealed class OutboundQueueTests
{
    private const int PauseAt = 10;
    private const int MaxWaiting = 100;

    private readonly Pipe _pipe = InlinePipe.Create(PauseAt);
    private readonly OutboundQueue _queue;

    public OutboundQueueTests() => _queue = new PipeOutbound(_pipe.Writer, MaxWaiting);

    [Test]
    public void A_frame_leaves_immediately_while_the_far_end_keeps_up()
    {
        var taken = new List<string>();
        foreach (var frame in new[] { "one", "two", "three" })
        {
            _queue.TryEnqueue(frame.Utf8());
            taken.Add(Sent());
        }

        Assert.That(taken, Is.EqualTo(new[] { "one", "two", "three" }));
        Assert.That(_queue.WaitingBytes, Is.Zero);
    }

    [Test]
    public void Frames_wait_while_the_pipe_is_full_and_then_leave_in_order_with_one_write()
    {
        Fill();
        _queue.TryEnqueue("[a]"u8);
        _queue.TryEnqueue("[b]"u8);
        _queue.TryEnqueue("[c]"u8);
        var waiting = _queue.WaitingBytes;

        var first = Sent();
        var second = Sent();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(waiting, Is.EqualTo(9));
            Assert.That(first, Is.EqualTo("0123456789"));
            Assert.That(second, Is.EqualTo("[a][b][c]"), "together");
            Assert.That(_queue.WaitingBytes, Is.Zero);
        }
    }

    [Test]
    public void Frames_keep_their_order_over_many_fillings_of_the_pipe()
    {
        var expected = "";
        var got = "";
        for (var i = 0; i < 500; i++)
        {
            Assert.That(_queue.TryEnqueue($"[{i}]".Utf8()), Is.True);
            expected += $"[{i}]";
            if (i % 7 == 0)
            {
                got += Sent();
            }
        }

        for (var i = 0; i < 5; i++)
        {
            got += Sent();
        }

        Assert.That(got, Is.EqualTo(expected));
    }

    [Test]
    public void A_waiting_frame_is_a_copy_so_the_sender_may_reuse_its_buffer()
    {
        Fill();
        var frame = "[a]".Utf8();
        _queue.TryEnqueue(frame);

        frame[1] = (byte)'X';
        Sent();

        Assert.That(Sent(), Is.EqualTo("[a]"));
    }

    [Test]
    public void A_full_queue_refuses_and_still_sends_what_it_accepted_before()
    {
        Fill();
        var taken = _queue.TryEnqueue(new byte[MaxWaiting - 1]);
        var tooMuch = _queue.TryEnqueue("ab"u8);
        var justEnough = _queue.TryEnqueue("c"u8);
        var full = _queue.TryEnqueue("d"u8);

        Sent();
        var sent = Sent();

        Assert.That((taken, tooMuch, justEnough, full), Is.EqualTo((true, false, true, false)));
        Assert.That(sent, Is.EqualTo(new string('\0', MaxWaiting - 1) + "c"));
    }

    [Test]
    public void A_queue_that_was_full_takes_again_when_the_far_end_has_read()
    {
        Fill();
        _queue.TryEnqueue(new byte[MaxWaiting]);
        Sent();
        Sent();

        var taken = _queue.TryEnqueue("again"u8);

        Assert.That((taken, Sent()), Is.EqualTo((true, "again")));
    }

    [Test]
    public void Frames_beyond_one_write_still_leave_in_order()
    {
        var queue = new PipeOutbound(_pipe.Writer, maxWaitingBytes: 1_000_000);
        queue.TryEnqueue(new byte[PauseAt]);
        var frames = Enumerable.Range(0, 30).Select(i => new string((char)('a' + (i % 26)), 10_000)).ToArray();
        foreach (var frame in frames)
        {
            queue.TryEnqueue(frame.Utf8());
        }

        Sent();
        var writes = new List<string>();
        while (Sent() is { Length: > 0 } write)
        {
            writes.Add(write);
        }

        Assert.That(string.Concat(writes) == string.Concat(frames), Is.True);
        Assert.That(writes, Has.Count.GreaterThan(1), "not all is copied into the pipe in one go");
        Assert.That(queue.WaitingBytes, Is.Zero);
    }

    [Test]
    public void A_last_frame_replaces_the_frames_that_wait()
    {
        Fill();
        _queue.TryEnqueue("dropped"u8);

        var ended = _queue.TryEnd("last".Utf8());
        var more = _queue.TryEnqueue("more"u8);
        var waiting = _queue.WaitingBytes;
        var sent = Sent() + "|" + Sent() + "|" + Sent();

        Assert.That((ended, more, waiting), Is.EqualTo((true, true, 4)), "what comes after the end is dropped, which is no fault of the sender's");
        Assert.That(sent, Is.EqualTo("0123456789|last|"));
    }

    [Test]
    public void A_last_frame_leaves_immediately_when_nothing_waits_and_only_the_first_counts()
    {
        var first = _queue.TryEnd("last".Utf8());
        var second = _queue.TryEnd("later".Utf8());
        _queue.TryEnqueue("more"u8);

        Assert.That((first, second, Sent()), Is.EqualTo((true, false, "last")));
    }

    [Test]
    public void A_last_frame_fits_even_when_the_queue_is_full()
    {
        Fill();
        _queue.TryEnqueue(new byte[MaxWaiting]);

        _queue.TryEnd("last".Utf8());
        Sent();

        Assert.That(Sent(), Is.EqualTo("last"));
    }

    [Test]
    public void After_the_end_nothing_is_written_so_the_pipe_may_be_completed()
    {
        var ended = _queue.End();
        _pipe.Writer.Complete();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ended, Is.True);
            Assert.That(_queue.TryEnqueue("more"u8), Is.True);
            Assert.That(_queue.TryEnd("last".Utf8()), Is.False);
            Assert.That(() => { _queue.Cork(); _queue.Uncork(); }, Throws.Nothing);
            Assert.That(Sent(), Is.Empty);
        }
    }

    [Test]
    public void A_flush_that_is_under_way_is_waited_for_however_it_ends([Values] bool fails)
    {
        var before = _queue.WhenFlushed();
        Fill();
        _queue.End();
        var during = _queue.WhenFlushed();
        var isEarly = during.IsCompleted;

        _pipe.Reader.Complete(fails ? new IOException("reset") : null);

        Assert.That(before.IsCompletedSuccessfully, Is.True, "there was none");
        Assert.That(isEarly, Is.False);
        Assert.That(during.Wait(RunningBroker.Patience), Is.True);
        Assert.That(_queue.WhenFlushed().IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void An_end_while_the_far_end_does_not_read_reports_it_and_drops_the_queue()
    {
        Fill();
        _queue.TryEnqueue("forgotten"u8);

        var ended = _queue.End();
        _pipe.Writer.Complete();

        Assert.That((ended, _queue.WaitingBytes), Is.EqualTo((false, 0)));
        Assert.That((Sent(), Sent()), Is.EqualTo(("0123456789", "")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void When_the_far_end_is_gone_frames_are_dropped(bool whileFull)
    {
        if (whileFull)
        {
            Fill();
            _queue.TryEnqueue("waits"u8);
        }

        _pipe.Reader.Complete();

        Assert.That(_queue.TryEnqueue("a"u8), Is.True);
        Assert.That(_queue.TryEnqueue(new byte[MaxWaiting * 2]), Is.True);
    }

    // As many bytes as make the pipe's flush pending.
    private void Fill() => _queue.TryEnqueue("0123456789"u8);

    private string Sent() => _pipe.Reader.TakeAll().Text();
}
