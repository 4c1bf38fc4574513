namespace ClawEvents.Broker.Engine;

/// <summary>Makes room when the histories hold more than they may.</summary>
/// <remarks>Thread-safe; called without the gate of any stream. One thread evicts at a time; nobody waits for it.</remarks>
internal sealed class StreamEviction(StreamHome home)
{
    private const int SampleSize = 8;

    private readonly Lock _gate = new();

    // Goes round all streams, so each comes up in a sample before any does again.
    private readonly IEnumerator<ChannelStream?> _walk = home.Streams.Walk();

    public void MakeRoom()
    {
        if (!home.Memory.IsExceeded || !_gate.TryEnter())
        {
            return;
        }

        try
        {
            while (home.Memory.IsExceeded && LeastUsedOfSample() is { } stream)
            {
                stream.Leave();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    // An order of use over all channels would cost every publication a shared gate; the worst of a few is near enough.
    private ChannelStream? LeastUsedOfSample()
    {
        ChannelStream? leastUsed = null;
        var rounds = 0;
        for (var seen = 0; seen < SampleSize && rounds < 2;)
        {
            _walk.MoveNext();
            if (_walk.Current is not { } stream)
            {
                rounds++;
                continue;
            }

            seen++;
            leastUsed = leastUsed is null || stream.LastUse < leastUsed.LastUse ? stream : leastUsed;
        }

        return leastUsed;
    }
}
