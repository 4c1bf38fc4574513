using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Consumers;

/// <summary>A message as its queue has it.</summary>
/// <param name="Place">Where it is, for the log.</param>
/// <param name="Headers">Names are compared exactly.</param>
/// <param name="Payload">Not changed as long as the message is handled.</param>
internal readonly record struct QueuedMessage(string Place, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Payload);

/// <summary>What a message asks for: a command, or a publication. Pure.</summary>
/// <param name="Method">Of a command; empty: it is in the payload.</param>
/// <param name="Channels">Of a publication; null: it is a command.</param>
internal readonly record struct QueuedRequest(string Method, ReadOnlyMemory<byte> Payload, IReadOnlyList<string>? Channels, PublishOptions Options, IReadOnlyDictionary<string, string>? Tags)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>A command of which nothing is in headers.</summary>
    public static QueuedRequest Command(string method, ReadOnlyMemory<byte> payload) => new(method, payload, null, PublishOptions.Default, null);

    /// <returns>What is wrong with the message; null: nothing.</returns>
    public static string? TryRead(MessageForm form, in QueuedMessage message, out QueuedRequest request)
    {
        var headers = message.Headers ?? None;
        string Header(string name) => name.Length > 0 && headers.TryGetValue(name, out var value) ? value : "";
        request = Command(form.IsPublication ? "" : Header(form.Method), message.Payload);
        if (!form.IsPublication)
        {
            return null;
        }

        var channels = Header(form.Channels).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (channels.Length == 0)
        {
            return $"{form.Channels} names no channel";
        }

        if (!TryReadFlag(Header(form.Delta), out var delta))
        {
            return $"{form.Delta} is neither true nor false";
        }

        var version = 0UL;
        if (Header(form.Version) is { Length: > 0 } text && !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version))
        {
            return $"{form.Version} is not a whole number";
        }

        var options = new PublishOptions { Delta = delta, IdempotencyKey = OrNull(Header(form.IdempotencyKey)), Version = version, VersionEpoch = OrNull(Header(form.VersionEpoch)) };
        request = new("", message.Payload, channels, options, TagsIn(headers, form.TagPrefix));
        return null;
    }

    // What Go's ParseBool accepts.
    private static bool TryReadFlag(string text, out bool flag)
    {
        flag = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return flag || text is "" or "0" or "f" or "F" or "false" or "FALSE" or "False";
    }

    private static string? OrNull(string text) => text.Length > 0 ? text : null;

    private static Dictionary<string, string>? TagsIn(IReadOnlyDictionary<string, string> headers, string prefix)
    {
        if (prefix.Length == 0)
        {
            return null;
        }

        var tags = headers.Where(header => header.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(header => header.Key[prefix.Length..], header => header.Value, StringComparer.Ordinal);
        return tags.Count > 0 ? tags : null;
    }
}
