using System.Buffers;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry.Following;

namespace ClawEvents.Broker.Cluster;

/// <summary>The questions of operators, and what they follow.</summary>
/// <remarks>
/// <code>
/// topic question  = id (16), topic (1), argument
/// topic answer    = id (16), JSON
/// trace order     = id (16), user (1), name, seconds (1)
/// trace report    = id (16), JSON
/// </code>
/// A topic that this version does not know is no fault: it has no answer.
/// </remarks>
internal static partial class NodeMessageCodec
{
    private static void WriteTopicQuestion(IBufferWriter<byte> output, TopicQuestion question)
    {
        output.WriteGuid(question.Id);
        output.WriteByte((byte)question.Topic);
        output.WriteText(question.Argument);
    }

    private static TopicQuestion ReadTopicQuestion(ref NodeFieldReader reader) => new(reader.ReadGuid(), (NodeTopic)reader.ReadByte(), reader.ReadText());

    private static void WriteJson(IBufferWriter<byte> output, Guid id, ReadOnlyMemory<byte> json)
    {
        output.WriteGuid(id);
        output.WriteBytes(json.Span);
    }

    private static TopicAnswer ReadTopicAnswer(ref NodeFieldReader reader) => new(reader.ReadGuid(), ReadJson(ref reader));

    private static void WriteTraceOrder(IBufferWriter<byte> output, TraceOrder order)
    {
        output.WriteGuid(order.Id);
        output.WriteFlag(order.Subject.IsUser);
        output.WriteText(order.Subject.Name);
        output.WriteByte(order.Seconds);
    }

    private static TraceOrder ReadTraceOrder(ref NodeFieldReader reader) =>
        new(reader.ReadGuid(), new TraceSubject(reader.ReadFlag(), reader.ReadText()), reader.ReadByte());

    private static TraceReport ReadTraceReport(ref NodeFieldReader reader) => new(reader.ReadGuid(), ReadJson(ref reader));

    // Handed on as it is, inside of other JSON.
    private static byte[] ReadJson(ref NodeFieldReader reader)
    {
        var json = reader.ReadBytes();
        if (!json.IsEmpty && !JsonPayload.IsValid(json.Span))
        {
            reader.Break();
        }

        return json.ToArray();
    }
}
