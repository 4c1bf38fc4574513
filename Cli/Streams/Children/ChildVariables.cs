using System.Globalization;
using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>The environment variables of a child: the parts of its event, for scripts without a JSON parser.</summary>
/// <param name="Channel">Of a batch: each channel once, separated by spaces.</param>
/// <param name="Sender">Of a batch: each sender once, separated by spaces.</param>
/// <param name="Timestamp">Unix milliseconds; of a batch: when it was complete.</param>
/// <param name="Payload">Raw JSON; of a batch: the list of the payloads.</param>
/// <param name="Count">Messages; 1 unless it is a batch.</param>
internal sealed record ChildVariables(string Channel, string Sender, string Timestamp, string Payload, int Count)
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = JsonText.MaxDepth };

    /// <summary>Where it lies in its channel's history; of a batch, and of what is not stored, the default.</summary>
    public MessagePlace Place { get; init; }

    /// <summary>Which attempt it is, from 1; null if there is only one.</summary>
    public int? Attempt { get; init; }

    /// <summary>Splits an event or a batch into its parts.</summary>
    public static ChildVariables Of(HandOver handOver)
    {
        using var document = JsonDocument.Parse(handOver.Json, Reading);
        return handOver.IsBatch
            ? OfBatch(document.RootElement, handOver.Count)
            : OfEvent(document.RootElement) with { Place = handOver.Places[0] };
    }

    /// <summary>The variables as name and value.</summary>
    public IEnumerable<(string Name, string Value)> All => [.. WithoutPayload, ("CLAW_PAYLOAD", Payload)];

    /// <summary>All but the payload, which may be too large for a variable.</summary>
    public IEnumerable<(string Name, string Value)> WithoutPayload =>
    [
        ("CLAW_CHANNEL", Channel),
        ("CLAW_SENDER", Sender),
        ("CLAW_TIMESTAMP", Timestamp),
        ("CLAW_COUNT", Count.ToString(CultureInfo.InvariantCulture)),
        .. Place.IsStored
            ? [("CLAW_OFFSET", Place.Position.Offset.ToString(CultureInfo.InvariantCulture)), ("CLAW_EPOCH", Place.Position.Epoch)]
            : ReadOnlySpan<(string, string)>.Empty,
        .. Attempt is { } attempt ? [("CLAW_ATTEMPT", attempt.ToString(CultureInfo.InvariantCulture))] : ReadOnlySpan<(string, string)>.Empty,
    ];

    private static ChildVariables OfEvent(JsonElement json) => new(
        Text(json.GetProperty("channel"u8)),
        Text(json.GetProperty("sender"u8)),
        json.GetProperty("timestamp"u8).GetRawText(),
        json.GetProperty("payload"u8).GetRawText(),
        Count: 1);

    private static ChildVariables OfBatch(JsonElement json, int count)
    {
        var messages = json.GetProperty("messages"u8);
        return new(
            Distinct(messages, "channel"),
            Distinct(messages, "sender"),
            json.GetProperty("timestamp"u8).GetRawText(),
            Payloads(messages),
            count);
    }

    private static string Distinct(JsonElement messages, string member) =>
        string.Join(' ', messages.EnumerateArray().Select(message => Text(message.GetProperty(member))).Distinct(StringComparer.Ordinal));

    private static string Payloads(JsonElement messages)
    {
        var list = new StringBuilder("[");
        foreach (var message in messages.EnumerateArray())
        {
            list.Append(list.Length > 1 ? "," : "").Append(message.GetProperty("payload"u8).GetRawText());
        }
        return list.Append(']').ToString();
    }

    private static string Text(JsonElement value)
    {
        try
        {
            // A variable cannot hold the character that ends it.
            return value.GetString()!.Replace('\0', '\uFFFD');
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate, which JSON can spell and text cannot contain.
            return value.GetRawText().Trim('"');
        }
    }
}
