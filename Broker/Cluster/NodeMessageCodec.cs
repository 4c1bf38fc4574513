using System.Buffers;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Cluster;

/// <summary>Messages of nodes as bytes. Pure: input is checked to the last byte.</summary>
/// <remarks>
/// <code>
/// message   = sender (16 bytes), type (1), fields
/// beat      = first (1), name, version, clients (4), users (4), channels (4), subscriptions (4), uptime (8, ticks), CPU seconds (8, double), bytes (8)
/// farewell  = nothing
/// relayed   = session, data
/// question  = id (16), pattern
/// answer    = id (16), part (4), last (1), count (4), and so many names and numbers (4)
/// </code>
/// Orders, and the questions about traffic and of operators, are in the other parts. docs/reference/redis-keys.md#envelopes
/// </remarks>
internal static partial class NodeMessageCodec
{
    // A name's length and its number.
    private const int MinChannelBytes = 2 * sizeof(uint);

    private enum MessageType : byte
    {
        Disconnect = 1,
        Unsubscribe = 2,
        Subscribe = 3,
        Refresh = 4,
        Beat = 5,
        Farewell = 6,
        Relayed = 7,
        ChannelsQuestion = 8,
        ChannelsAnswer = 9,
        TopQuestion = 10,
        TopAnswer = 11,
        TopicQuestion = 12,
        TopicAnswer = 13,
        TraceOrder = 14,
        TraceReport = 15,
    }

    /// <param name="output">Gets the content of an envelope.</param>
    public static void Write(IBufferWriter<byte> output, Guid sender, NodeMessage message)
    {
        output.WriteGuid(sender);
        output.WriteByte((byte)TypeOf(message));
        switch (message)
        {
            case NodeOrder order:
                WriteOrder(output, order);
                break;
            case NodeBeat beat:
                WriteBeat(output, beat);
                break;
            case RelayedMessage relayed:
                output.WriteText(relayed.Session);
                output.WriteBytes(relayed.Data.Span);
                break;
            case ChannelsQuestion question:
                output.WriteGuid(question.Id);
                output.WriteText(question.Pattern);
                break;
            case ChannelsAnswer answer:
                WriteAnswer(output, answer);
                break;
            case TopQuestion question:
                WriteTopQuestion(output, question);
                break;
            case TopAnswer answer:
                WriteTopAnswer(output, answer);
                break;
            case TopicQuestion question:
                WriteTopicQuestion(output, question);
                break;
            case TopicAnswer answer:
                WriteJson(output, answer.Id, answer.Json);
                break;
            case TraceOrder order:
                WriteTraceOrder(output, order);
                break;
            case TraceReport report:
                WriteJson(output, report.Id, report.Events);
                break;
        }
    }

    /// <returns>Null when the content is malformed. The message refers to no memory of the content.</returns>
    public static NodeMessage? Read(ReadOnlyMemory<byte> content, out Guid sender)
    {
        var reader = new NodeFieldReader(content);
        sender = reader.ReadGuid();
        var type = (MessageType)reader.ReadByte();
        NodeMessage? message = type switch
        {
            MessageType.Beat => ReadBeat(ref reader, sender),
            MessageType.Farewell => new NodeFarewell(),
            MessageType.Relayed => new RelayedMessage(reader.ReadText(), reader.ReadBytes().ToArray()),
            MessageType.ChannelsQuestion => ReadQuestion(ref reader),
            MessageType.ChannelsAnswer => ReadAnswer(ref reader),
            MessageType.TopQuestion => ReadTopQuestion(ref reader),
            MessageType.TopAnswer => ReadTopAnswer(ref reader),
            MessageType.TopicQuestion => ReadTopicQuestion(ref reader),
            MessageType.TopicAnswer => ReadTopicAnswer(ref reader),
            MessageType.TraceOrder => ReadTraceOrder(ref reader),
            MessageType.TraceReport => ReadTraceReport(ref reader),
            _ => ReadOrder(ref reader, type),
        };
        return reader.IsComplete ? message : null;
    }

    private static MessageType TypeOf(NodeMessage message) => message switch
    {
        NodeOrder order => TypeOf(order.Order),
        NodeBeat => MessageType.Beat,
        NodeFarewell => MessageType.Farewell,
        RelayedMessage => MessageType.Relayed,
        ChannelsQuestion => MessageType.ChannelsQuestion,
        ChannelsAnswer => MessageType.ChannelsAnswer,
        TopQuestion => MessageType.TopQuestion,
        TopAnswer => MessageType.TopAnswer,
        TopicQuestion => MessageType.TopicQuestion,
        TopicAnswer => MessageType.TopicAnswer,
        TraceOrder => MessageType.TraceOrder,
        TraceReport => MessageType.TraceReport,
        _ => throw new ArgumentException($"{message.GetType().Name} has no form for the bus", nameof(message)),
    };

    private static void WriteBeat(IBufferWriter<byte> output, NodeBeat beat)
    {
        var report = beat.Report;
        output.WriteFlag(beat.IsFirst);
        output.WriteText(report.Name);
        output.WriteText(report.Version);
        output.WriteUInt32((uint)report.Clients);
        output.WriteUInt32((uint)report.Users);
        output.WriteUInt32((uint)report.Channels);
        output.WriteUInt32((uint)report.Subscriptions);
        output.WriteUInt64((ulong)report.Uptime.Ticks);
        output.WriteUInt64(BitConverter.DoubleToUInt64Bits(report.CpuSeconds));
        output.WriteUInt64((ulong)report.MemoryBytes);
    }

    private static NodeBeat ReadBeat(ref NodeFieldReader reader, Guid sender)
    {
        var isFirst = reader.ReadFlag();
        var report = new NodeReport(
            sender.ToString(),
            reader.ReadText(),
            reader.ReadText(),
            reader.ReadCount(),
            reader.ReadCount(),
            reader.ReadCount(),
            reader.ReadCount(),
            new TimeSpan(reader.ReadLong()),
            BitConverter.UInt64BitsToDouble(reader.ReadUInt64()),
            reader.ReadLong());
        if (!double.IsFinite(report.CpuSeconds))
        {
            // JSON cannot express it.
            reader.Break();
        }

        return new(report, isFirst);
    }

    private static ChannelsQuestion ReadQuestion(ref NodeFieldReader reader)
    {
        var question = new ChannelsQuestion(reader.ReadGuid(), reader.ReadText());
        if (!Glob.IsPattern(question.Pattern))
        {
            reader.Break();
        }

        return question;
    }

    private static void WriteAnswer(IBufferWriter<byte> output, ChannelsAnswer answer)
    {
        output.WriteGuid(answer.Id);
        output.WriteUInt32((uint)answer.Part);
        output.WriteFlag(answer.IsLast);
        output.WriteUInt32((uint)answer.Channels.Count);
        foreach (var (name, clients) in answer.Channels)
        {
            output.WriteText(name);
            output.WriteUInt32((uint)clients);
        }
    }

    private static ChannelsAnswer ReadAnswer(ref NodeFieldReader reader)
    {
        var (id, part, isLast) = (reader.ReadGuid(), reader.ReadCount(), reader.ReadFlag());
        var channels = new KeyValuePair<string, int>[reader.ReadCount(MinChannelBytes)];
        for (var i = 0; i < channels.Length; i++)
        {
            channels[i] = new(reader.ReadText(), reader.ReadCount());
        }

        return new(id, part, isLast, channels);
    }
}
