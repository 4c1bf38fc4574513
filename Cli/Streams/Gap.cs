using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>Why messages cannot be read any more.</summary>
internal enum GapReason
{
    /// <summary>The history no longer contains them: it keeps a number of messages, for a time.</summary>
    Dropped,

    /// <summary>The server has begun a new history, as after the loss of its memory.</summary>
    Reset,

    /// <summary>The server does not let this client read the history.</summary>
    Refused,
}

/// <summary>Messages of a channel that were published and cannot be read any more.</summary>
/// <param name="After">The last one that was received.</param>
/// <param name="Next">Where the stream continues: the last one that is missing.</param>
internal sealed record Gap(string Channel, StreamPosition After, StreamPosition Next, GapReason Reason)
{
    /// <summary>How many are missing; null if nobody knows, because the history is another one.</summary>
    public ulong? Missed => Reason is GapReason.Reset ? null : Next.Offset - After.Offset;

    // {"gap":true,"channel":"c","reason":"dropped","missed":93,"after":{"epoch":"…","offset":7},"next":{"epoch":"…","offset":100}}
    /// <summary>The gap as one JSON line without its line end, for programs that read a stream.</summary>
    public byte[] ToJson() => JsonText.Object(json =>
    {
        json.WriteBoolean("gap"u8, true);
        json.WriteString("channel"u8, Channel);
        json.WriteString("reason"u8, Word(Reason));
        if (Missed is { } missed)
        {
            json.WriteNumber("missed"u8, missed);
        }
        After.WriteTo(json, "after"u8);
        Next.WriteTo(json, "next"u8);
    });

    private static ReadOnlySpan<byte> Word(GapReason reason) => reason switch
    {
        GapReason.Dropped => "dropped"u8,
        GapReason.Reset => "reset"u8,
        _ => "refused"u8,
    };
}
