using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Cli.Streams;

/// <summary>A place in a channel's history.</summary>
/// <param name="Epoch">Which history: another one begins when a server loses its own.</param>
/// <param name="Offset">The last publication that was taken; 0 before the first.</param>
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

    /// <summary>Where to go on after an interruption; null if the channel has no history.</summary>
    public StreamPosition? Position { get; private set; }

    /// <summary>The server subscribed us, at this place of the history or at none.</summary>
    public void Accept(StreamPosition? position) => (WasAccepted, Position) = (true, position);

    /// <summary>A publication was taken.</summary>
    public void Advance(in Publication publication)
    {
        if (publication.Offset > 0 && Position is { } position)
        {
            Position = new StreamPosition(publication.Epoch ?? position.Epoch, publication.Offset);
        }
    }

    /// <summary>The place means nothing to the server any more.</summary>
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
