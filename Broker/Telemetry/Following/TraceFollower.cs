using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace ClawEvents.Broker.Telemetry.Following;

/// <summary>Receives the events about one subject. Whoever takes them slowly loses some, and is told how many.</summary>
/// <remarks>Thread-safe for one taker.</remarks>
internal sealed class TraceFollower(TraceSubject subject)
{
    /// <summary>The most events that wait: less than 1 MB.</summary>
    public const int MaxWaiting = 1_000;

    // A message between nodes.
    private const int MaxTaken = 200;

    private readonly Channel<ReadOnlyMemory<byte>> _events = Channel.CreateBounded<ReadOnlyMemory<byte>>(MaxWaiting);
    private int _dropped;

    public TraceSubject Subject => subject;

    /// <param name="json">An object.</param>
    public void Add(ReadOnlyMemory<byte> json)
    {
        if (!_events.Writer.TryWrite(json))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Waits for the next events.</summary>
    /// <returns>A JSON array; behind the events, <c>{"event":"dropped","count":N}</c> if some were lost.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> TakeAsync(CancellationToken cancellation)
    {
        await _events.Reader.WaitToReadAsync(cancellation);
        var array = new ArrayBufferWriter<byte>();
        array.Write("["u8);
        for (var i = 0; i < MaxTaken && _events.Reader.TryRead(out var json); i++)
        {
            array.Write(i == 0 ? ""u8 : ","u8);
            array.Write(json.Span);
        }

        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
        {
            array.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$""",{"event":"dropped","count":{{dropped}}}""")));
        }

        array.Write("]"u8);
        return array.WrittenMemory;
    }
}
