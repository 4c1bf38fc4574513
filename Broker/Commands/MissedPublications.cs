using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Writes recovered publications in the form that their subscriber expects. Pure.</summary>
internal static class MissedPublications
{
    /// <param name="publications">Ascending, without gaps.</param>
    /// <param name="asDeltas">The first one is whole, the others are patches against the one before wherever these are shorter.</param>
    public static IReadOnlyList<WirePublication> Of(IReadOnlyList<StoredPublication> publications, bool asDeltas, MessageCodec codec)
    {
        var missed = new WirePublication[publications.Count];
        var patch = asDeltas ? new ArrayBufferWriter<byte>() : null;
        for (var i = 0; i < missed.Length; i++)
        {
            missed[i] = patch is null ? WirePublication.Of(publications[i])
                : i == 0 ? WirePublication.Of(publications[i], PublicationForm.Whole)
                : Patch(publications[i - 1].Publication.Data, WirePublication.Of(publications[i], PublicationForm.Whole), patch, codec);
        }

        return missed;
    }

    /// <summary>Changes of a map.</summary>
    /// <param name="changes">Ascending.</param>
    /// <param name="asDeltas">The first change of each key is whole, the next ones are patches against the one before wherever these are shorter.</param>
    public static IReadOnlyList<WirePublication> Of(IEnumerable<MapPublication> changes, bool asDeltas, MessageCodec codec)
    {
        if (!asDeltas)
        {
            return [.. changes.Select(change => WirePublication.Of(change))];
        }

        var missed = new List<WirePublication>();
        var values = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var patch = new ArrayBufferWriter<byte>();
        foreach (var change in changes)
        {
            var whole = WirePublication.Of(change, PublicationForm.Whole);
            missed.Add(!change.Removed && values.TryGetValue(change.Key, out var previous) ? Patch(previous, whole, patch, codec) : whole);
            values[change.Key] = change.Publication.Data;
            if (change.Removed)
            {
                values.Remove(change.Key);
            }
        }

        return missed;
    }

    private static WirePublication Patch(ReadOnlyMemory<byte> previous, in WirePublication whole, ArrayBufferWriter<byte> patch, MessageCodec codec)
    {
        patch.ResetWrittenCount();
        return FossilDelta.TryCreate(previous.Span, whole.Publication.Data.Span, patch, wholeCharacters: !codec.IsBinary)
            ? whole with { Form = PublicationForm.Patch, Publication = whole.Publication with { Data = patch.WrittenSpan.ToArray() } }
            : whole;
    }
}
