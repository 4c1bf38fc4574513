using System.Text.Json;

namespace ClawEvents.Cli.Streams;

// {"epoch":"…","offset":7}
/// <summary>A position in a channel's history.</summary>
/// <param name="Epoch">Identifies the history: a server that loses its history starts a new one. Empty: whichever there is.</param>
/// <param name="Offset">The last publication received; 0 before the first.</param>
internal readonly record struct StreamPosition(string Epoch, ulong Offset)
{
    /// <summary>Before everything that the history contains.</summary>
    public static StreamPosition Oldest => new("", 0);

    public void WriteTo(Utf8JsonWriter json, ReadOnlySpan<byte> member)
    {
        json.WriteStartObject(member);
        json.WriteString("epoch"u8, Epoch);
        json.WriteNumber("offset"u8, Offset);
        json.WriteEndObject();
    }
}
