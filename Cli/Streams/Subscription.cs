using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Cli.Streams;

/// <summary>A position in a channel's history.</summary>
/// <param name="Epoch">Identifies the history: a server that loses its history starts a new one.</param>
/// <param name="Offset">The last publication received; 0 before the first.</param>
internal readonly record struct StreamPosition(string Epoch, ulong Offset);

/// <summary>One channel of a stream and how far it has been read.</summary>
internal sealed class Subscription(string channel)
{
    private byte[] _name = [.. "\""u8, .. JsonEncodedText.Encode(channel, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, .. "\""u8];

    public string Channel { get; } = channel;

    /// <summary>The name as a JSON string with its quotes, spelled as the server spells it once it is known.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Whether a server has accepted it at least once.</summary>
    public bool WasAccepted { get; private set; }

    /// <summary>Position to recover from after an interruption; null if the channel has no history.</summary>
    public StreamPosition? Position { get; private set; }

    /// <summary>Called when the server has accepted the subscription; null if there is no history.</summary>
    public void OnAccepted(StreamPosition? position) => (WasAccepted, Position) = (true, position);

    /// <summary>Moves the position past a publication.</summary>
    public void AdvancePast(in Publication publication)
    {
        if (publication.Offset > 0 && Position is { } position)
        {
            Position = new StreamPosition(publication.Epoch ?? position.Epoch, publication.Offset);
        }
    }

    /// <summary>Forgets a position that is no longer valid on the server.</summary>
    public void ForgetPosition() => Position = null;

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
