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
                : Patch(publications[i - 1], publications[i], patch, codec);
        }

        return missed;
    }

    private static WirePublication Patch(StoredPublication previous, StoredPublication stored, ArrayBufferWriter<byte> patch, MessageCodec codec)
    {
        patch.ResetWrittenCount();
        return FossilDelta.TryCreate(previous.Publication.Data.Span, stored.Publication.Data.Span, patch, wholeCharacters: !codec.IsBinary)
            ? WirePublication.Of(stored, PublicationForm.Patch) with { Publication = stored.Publication with { Data = patch.WrittenSpan.ToArray() } }
            : WirePublication.Of(stored, PublicationForm.Whole);
    }
}
