using System.Text;
using System.Text.Json;
using Amazon.SQS.Model;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Queues.Sqs;

/// <summary>Reads a message of SQS, with or without the envelope of SNS. Pure.</summary>
internal static class SqsMessage
{
    /// <summary>The attribute with the group of a message: of a queue with an order, and also of others.</summary>
    public const string Group = "MessageGroupId";

    private static readonly Dictionary<string, string> None = [];

    /// <summary>What is carried out one after the other; a message without a group is alone.</summary>
    public static string GroupOf(Message message) => message.Attributes?.GetValueOrDefault(Group) ?? message.MessageId;

    /// <returns>False when the message needs an envelope and has none.</returns>
    public static bool TryRead(Message message, bool hasEnvelope, string place, out QueuedMessage read)
    {
        var attributes = message.MessageAttributes?.Where(one => one.Value.StringValue is not null).ToDictionary(one => one.Key, one => one.Value.StringValue, StringComparer.Ordinal) ?? None;
        read = new(place, attributes, Encoding.UTF8.GetBytes(message.Body ?? ""));
        return !hasEnvelope || TryOpen(message.Body ?? "", ref read);
    }

    // {"Message":TEXT,"MessageAttributes":{NAME:{"Type":"String","Value":TEXT}}}. SNS hands the attributes of a publisher over in the envelope alone.
    private static bool TryOpen(string body, ref QueuedMessage read)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            var text = envelope.RootElement.GetProperty("Message").GetString() ?? "";
            var attributes = envelope.RootElement.TryGetProperty("MessageAttributes", out var all)
                ? all.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetProperty("Value").GetString() ?? "", StringComparer.Ordinal)
                : read.Headers;
            read = read with { Headers = attributes, Payload = Encoding.UTF8.GetBytes(text) };
            return true;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }
}
