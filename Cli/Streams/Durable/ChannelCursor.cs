using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Durable;

// {"epoch":"…","offset":7,"done":[9,12,15,15],"since":1767225600000}
/// <summary>How far one channel has been handled: everything up to an offset, and what lies beyond it because it was handled in
/// another order. Not thread-safe.</summary>
internal sealed class ChannelCursor
{
    // Ascending, disjoint, and with a hole before each: the first begins behind the offset's next.
    private readonly List<(ulong First, ulong Last)> _done = [];
    private ulong _received;

    private ChannelCursor(StreamPosition position, long notBefore) => (Position, NotBefore, _received) = (position, notBefore, position.Offset);

    /// <summary>Everything up to it has been handled.</summary>
    public StreamPosition Position { get; private set; }

    /// <summary>Older messages are not wanted, Unix milliseconds; 0 once one that is wanted has come.</summary>
    public long NotBefore { get; private set; }

    /// <param name="position">What is at it, or before it, counts as handled.</param>
    public static ChannelCursor From(StreamPosition position, long notBefore) => new(position, notBefore);

    /// <summary>Notes that a message has arrived. Offsets between it and the one before belong to messages that nobody wants, or can
    /// read, any more: they count as handled.</summary>
    /// <returns>false if it has been handled already.</returns>
    public bool Receive(ulong offset)
    {
        Skip(offset - 1);
        _received = Math.Max(_received, offset);
        NotBefore = 0;
        return !IsDone(offset);
    }

    /// <summary>Counts everything as handled that lies behind the last message received, up to an offset.</summary>
    public void Skip(ulong last)
    {
        if (last > _received)
        {
            MarkDone(_received + 1, last);
            _received = last;
        }
    }

    /// <summary>Notes that a message has been handled.</summary>
    public void MarkDone(ulong offset) => MarkDone(offset, offset);

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("epoch"u8, Position.Epoch);
        json.WriteNumber("offset"u8, Position.Offset);
        json.WriteStartArray("done"u8);
        foreach (var (first, last) in _done)
        {
            json.WriteNumberValue(first);
            json.WriteNumberValue(last);
        }
        json.WriteEndArray();
        if (NotBefore > 0)
        {
            json.WriteNumber("since"u8, NotBefore);
        }
    }

    /// <returns>null if it is not what <see cref="WriteTo"/> writes.</returns>
    public static ChannelCursor? Read(JsonElement json)
    {
        if (json.StringMember("epoch"u8) is not { } epoch || Number(json.Member("offset"u8)) is not { } offset)
        {
            return null;
        }
        var cursor = new ChannelCursor(new(epoch, offset), json.IntegerMember("since"u8) ?? 0);
        foreach (var pair in json.ListMember("done"u8).Select(item => Number(item)).Chunk(2))
        {
            if (pair is not [{ } first, { } last] || first > last || first == 0)
            {
                return null;
            }
            cursor.MarkDone(first, last);
        }
        return cursor;
    }

    private static ulong? Number(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Number } number && number.TryGetUInt64(out var whole) ? whole : null;

    private bool IsDone(ulong offset) => offset <= Position.Offset || _done.Exists(range => range.First <= offset && offset <= range.Last);

    private void MarkDone(ulong first, ulong last)
    {
        if (last <= Position.Offset)
        {
            return;
        }
        var at = _done.FindIndex(range => range.Last >= first - 1);
        at = at < 0 ? _done.Count : at;
        while (at < _done.Count && _done[at].First <= last + 1)
        {
            (first, last) = (Math.Min(first, _done[at].First), Math.Max(last, _done[at].Last));
            _done.RemoveAt(at);
        }
        _done.Insert(at, (first, last));
        if (_done[0].First <= Position.Offset + 1)
        {
            Position = Position with { Offset = _done[0].Last };
            _done.RemoveAt(0);
        }
    }
}
