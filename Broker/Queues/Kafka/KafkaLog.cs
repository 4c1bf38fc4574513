using Confluent.Kafka;

namespace ClawEvents.Broker.Queues.Kafka;

/// <summary>What the client library says goes to the log of the broker; by default it would go to the standard error output.</summary>
internal static partial class KafkaLog
{
    public static void Write(ILogger logger, string consumer, LogMessage message) => Said(logger, consumer, message.Message);

    /// <summary>Why a connection failed, which errors do not say as long as nobody polls; null: the message is about something else.</summary>
    public static string? CauseIn(LogMessage message) =>
        message.Facility == "FAIL" ? message.Message[(message.Message.IndexOf("]: ", StringComparison.Ordinal) is >= 0 and var end ? end + 3 : 0)..] : null;

    [LoggerMessage(2, LogLevel.Debug, "Nothing was committed before partitions of the queue {Consumer} were given away: {Reason}. Messages that are done may come again.")]
    public static partial void NotCommitted(ILogger logger, string consumer, string reason);

    [LoggerMessage(1, LogLevel.Debug, "The client of the queue {Consumer}: {Message}")]
    private static partial void Said(ILogger logger, string consumer, string message);
}
