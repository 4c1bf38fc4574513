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
    public static IReadOnlyList<RecoveredPublication> Of(IReadOnlyList<StoredPublication> publications, bool asDeltas, MessageCodec codec)
    {
        var missed = new RecoveredPublication[publications.Count];
        var patch = asDeltas ? new ArrayBufferWriter<byte>() : null;
        for (var i = 0; i < missed.Length; i++)
        {
            missed[i] = patch is null ? new(publications[i])
                : i == 0 ? new(publications[i], PublicationForm.Whole)
                : Patch(publications[i - 1], publications[i], patch, codec);
        }

        return missed;
    }

    private static RecoveredPublication Patch(StoredPublication previous, StoredPublication stored, ArrayBufferWriter<byte> patch, MessageCodec codec)
    {
        patch.ResetWrittenCount();
        return FossilDelta.TryCreate(previous.Publication.Data.Span, stored.Publication.Data.Span, patch, wholeCharacters: !codec.IsBinary)
            ? new(stored with { Publication = stored.Publication with { Data = patch.WrittenSpan.ToArray() } }, PublicationForm.Patch)
            : new(stored, PublicationForm.Whole);
    }
}
