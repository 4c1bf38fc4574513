using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>What became of a change of a map.</summary>
internal sealed record MapChangedResult(MapResult Result) : ServerApiResult
{
    // {"offset":N,"epoch":TEXT,"suppressed":true,"suppress_reason":TEXT}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        var fields = new JsonObject(output);
        fields.Number("\"offset\":"u8, Result.Position.Offset);
        fields.Text("\"epoch\":"u8, Result.Position.Epoch);
        fields.Flag("\"suppressed\":"u8, Result.SuppressReason is not null);
        fields.Text("\"suppress_reason\":"u8, Result.SuppressReason);
        fields.End();
    }
}

/// <summary>A page of a map.</summary>
internal sealed record MapStateResult(MapStatePage Page) : ServerApiResult
{
    // {"entries":[…],"offset":N,"epoch":TEXT,"cursor":TEXT}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        var fields = new JsonObject(output);
        MapEntries.Write(output, ref fields, Page.Entries, Page.Top);
        fields.Text("\"cursor\":"u8, Page.Cursor);
        fields.End();
    }
}

/// <summary>A part of a map's changes.</summary>
internal sealed record MapStreamResult(MapStreamPage Page) : ServerApiResult
{
    // {"entries":[…],"offset":N,"epoch":TEXT}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        var fields = new JsonObject(output);
        MapEntries.Write(output, ref fields, Page.Changes, Page.Top);
        fields.End();
    }
}

/// <summary>How many keys a map has.</summary>
internal sealed record MapStatsResult(int Keys) : ServerApiResult
{
    // {"num_keys":N}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        var fields = new JsonObject(output);
        fields.Number("\"num_keys\":"u8, (ulong)Keys);
        fields.End();
    }
}

internal static class MapEntries
{
    public static void Write(IBufferWriter<byte> output, ref JsonObject fields, IReadOnlyList<MapPublication> entries, StreamPosition top)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (i == 0)
            {
                fields.Name("\"entries\":["u8);
            }
            else
            {
                output.Write(","u8);
            }

            HistoryResult.WritePublication(output, WireOf(entries[i]));
        }

        output.Write(entries.Count == 0 ? ""u8 : "]"u8);
        fields.Number("\"offset\":"u8, top.Offset);
        fields.Text("\"epoch\":"u8, top.Epoch);
    }

    // The publisher is nothing that Centrifugo shows here.
    private static WirePublication WireOf(MapPublication entry) => WirePublication.Of(entry) with { Publication = entry.Publication with { Publisher = null }, Time = entry.Time };
}
