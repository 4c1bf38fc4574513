using StackExchange.Redis;

namespace ClawEvents.Broker.Consumers.Streams;

/// <summary>An entry of a stream.</summary>
/// <param name="Values">By name; null: it was deleted in the meantime.</param>
/// <param name="Payload">The value that is the payload; null: there is none.</param>
internal readonly record struct StreamEntry(string Id, IReadOnlyDictionary<string, string>? Values, byte[]? Payload)
{
    /// <summary>Reads the answer of XREADGROUP for one stream: null, or <c>[[stream,[entry…]]]</c>; a map with RESP3.</summary>
    public static IReadOnlyList<StreamEntry> OfRead(RedisResult answer, string payload)
    {
        if (answer.IsNull || answer.Length == 0)
        {
            return [];
        }

        // With RESP3 the name and the entries are not in an array of their own.
        return Of(answer.Length == 2 && answer[0].Length < 0 ? answer[1] : answer[0][1], payload);
    }

    /// <summary>Reads a list of entries: <c>[id,[name,value…]]</c>, or <c>[id,null]</c>.</summary>
    public static IReadOnlyList<StreamEntry> Of(RedisResult entries, string payload)
    {
        var read = new List<StreamEntry>(Math.Max(entries.Length, 0));
        for (var i = 0; i < entries.Length; i++)
        {
            // XAUTOCLAIM of Redis 6 has a null for a deleted entry.
            if (!entries[i].IsNull)
            {
                read.Add(One(entries[i], payload));
            }
        }

        return read;
    }

    private static StreamEntry One(RedisResult entry, string payload)
    {
        var (id, pairs) = ((string)entry[0]!, entry[1]);
        if (pairs.IsNull)
        {
            return new(id, null, null);
        }

        byte[]? data = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            var name = (string)pairs[i]!;
            if (name == payload)
            {
                data = (byte[]?)pairs[i + 1];
            }
            else
            {
                values[name] = (string)pairs[i + 1]!;
            }
        }

        return new(id, values, data);
    }
}
