using System.Buffers;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Cluster;

/// <summary>The questions and answers about the channels with the most traffic.</summary>
/// <remarks>
/// <code>
/// question  = id (16), kind (1), count (4), and so many names
/// answer    = id (16), seconds (8, double), floor (8), count (4), and so many names, counts (8) and errors (8),
///             count (4), and so many names, messages (8), bytes (8), deliveries (8), subscribers (4) and seconds (8, double)
/// </code>
/// </remarks>
internal static partial class NodeMessageCodec
{
    // A name's length and its numbers.
    private const int MinEntryBytes = sizeof(uint) + (2 * sizeof(ulong));
    private const int MinWatchedBytes = (2 * sizeof(uint)) + (4 * sizeof(ulong));

    private static void WriteTopQuestion(IBufferWriter<byte> output, TopQuestion question)
    {
        output.WriteGuid(question.Id);
        output.WriteByte((byte)question.Kind);
        output.WriteUInt32((uint)question.Channels.Count);
        foreach (var channel in question.Channels)
        {
            output.WriteText(channel);
        }
    }

    private static TopQuestion ReadTopQuestion(ref NodeFieldReader reader)
    {
        var (id, kind) = (reader.ReadGuid(), (TrafficKind)reader.ReadByte());
        var channels = new string[reader.ReadCount(sizeof(uint))];
        for (var i = 0; i < channels.Length; i++)
        {
            channels[i] = reader.ReadText();
        }

        if (kind > TrafficKind.Subscribers || channels.Length > ITopSurvey.MaxNamed)
        {
            reader.Break();
        }

        return new(id, kind, channels);
    }

    private static void WriteTopAnswer(IBufferWriter<byte> output, TopAnswer answer)
    {
        output.WriteGuid(answer.Id);
        WriteSeconds(output, answer.Summary.Seconds);
        output.WriteUInt64((ulong)answer.Summary.Floor);
        output.WriteUInt32((uint)answer.Summary.Entries.Count);
        foreach (var (channel, count, error) in answer.Summary.Entries)
        {
            output.WriteText(channel);
            output.WriteUInt64((ulong)count);
            output.WriteUInt64((ulong)error);
        }

        output.WriteUInt32((uint)answer.Watched.Count);
        foreach (var watched in answer.Watched)
        {
            output.WriteText(watched.Channel);
            output.WriteUInt64((ulong)watched.Messages);
            output.WriteUInt64((ulong)watched.Bytes);
            output.WriteUInt64((ulong)watched.Deliveries);
            output.WriteUInt32((uint)watched.Subscribers);
            WriteSeconds(output, watched.Seconds);
        }
    }

    private static TopAnswer ReadTopAnswer(ref NodeFieldReader reader)
    {
        var (id, seconds, floor) = (reader.ReadGuid(), ReadSeconds(ref reader), reader.ReadLong());
        var entries = new TrafficEntry[reader.ReadCount(MinEntryBytes)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new(reader.ReadText(), reader.ReadLong(), reader.ReadLong());
        }

        var watched = new WatchedTraffic[reader.ReadCount(MinWatchedBytes)];
        for (var i = 0; i < watched.Length; i++)
        {
            watched[i] = new(reader.ReadText(), reader.ReadLong(), reader.ReadLong(), reader.ReadLong(), reader.ReadCount(), ReadSeconds(ref reader));
        }

        return new(id, new(entries, floor, seconds), watched);
    }

    private static void WriteSeconds(IBufferWriter<byte> output, double seconds) => output.WriteUInt64(BitConverter.DoubleToUInt64Bits(seconds));

    private static double ReadSeconds(ref NodeFieldReader reader)
    {
        var seconds = BitConverter.UInt64BitsToDouble(reader.ReadUInt64());
        if (!double.IsFinite(seconds) || seconds < 0)
        {
            // JSON cannot express it.
            reader.Break();
        }

        return seconds;
    }
}
