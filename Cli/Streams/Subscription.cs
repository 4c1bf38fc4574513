using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Cli.Streams;

/// <summary>One channel of a stream and how far it has been read.</summary>
internal sealed class Subscription(string channel, StartPlace start = default)
{
    // What a history page contained already may still arrive as a message of its own.
    private ulong _readUpTo;
    private byte[] _name = [.. "\""u8, .. JsonEncodedText.Encode(channel, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, .. "\""u8];

    public string Channel { get; } = channel;

    /// <summary>The name as a JSON string with its quotes, spelled as the server spells it once it is known.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Whether a server has accepted it at least once.</summary>
    public bool WasAccepted { get; private set; }

    /// <summary>Position to recover from after an interruption; null if the channel has no history.</summary>
    public StreamPosition? Position { get; private set; } = start.Position;

    /// <summary>Older messages are left out, Unix milliseconds; 0: none is.</summary>
    public long NotBefore { get; private set; } = start.NotBefore;

    /// <summary>Set while the history is being read page by page.</summary>
    public CatchUp? CatchUp { get; private set; }

    /// <summary>Called when the server has accepted the subscription.</summary>
    /// <param name="position">null if there is no history.</param>
    /// <param name="catchUp">What has to be read before messages that arrive; null if nothing.</param>
    public void OnAccepted(StreamPosition? position, CatchUp? catchUp = null) =>
        (WasAccepted, Position, CatchUp, _readUpTo) = (true, position, catchUp, 0);

    /// <summary>Ends the reading of the history: messages that arrive follow it without a gap.</summary>
    public void EndCatchUp() => (CatchUp, _readUpTo) = (null, Position?.Offset ?? 0);

    /// <summary>Whether a publication that has just arrived is to be left alone: it is, or will be, read from the history.</summary>
    public bool Leaves(in Publication publication)
    {
        if (publication.Offset > 0)
        {
            CatchUp?.Saw(publication.Offset);
            return CatchUp is not null || publication.Offset <= _readUpTo;
        }
        return false;
    }

    /// <summary>Whether a publication is older than what was asked for. Times grow: after the first that is not, none is.</summary>
    public bool IsBeforeStart(in Publication publication)
    {
        if (NotBefore > 0 && publication.Envelope.Milliseconds is { } at)
        {
            NotBefore = at < NotBefore ? NotBefore : 0;
            return NotBefore > 0;
        }
        return false;
    }

    /// <summary>Moves the position over messages that cannot be read any more.</summary>
    public void SkipTo(StreamPosition position) => Position = position;

    /// <summary>Moves the position past a publication.</summary>
    public void AdvancePast(in Publication publication)
    {
        if (publication.Offset > 0 && Position is { } position)
        {
            Position = new StreamPosition(publication.Epoch ?? position.Epoch, publication.Offset);
        }
    }

    /// <summary>Forgets a position that is no longer valid on the server.</summary>
    public void ForgetPosition() => (Position, CatchUp) = (null, null);

    /// <summary>Whether <paramref name="name"/>, a JSON string with its quotes, is this channel's.</summary>
    /// <remarks>Hot path, once per publication: no allocation, unless escapes spell a name in another way (<c>\/</c>).</remarks>
    public bool IsNamed(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(_name))
        {
            return true;
        }
        if (!name.Contains((byte)'\\') && !_name.Contains((byte)'\\'))
        {
            return false;
        }
        var reader = new Utf8JsonReader(name);
        if (JsonMembers.ReadText(ref reader) != Channel)
        {
            return false;
        }
        _name = name.ToArray();
        return true;
    }
}
