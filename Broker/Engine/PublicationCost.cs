using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>About how many bytes of memory a publication that is kept holds.</summary>
internal static class PublicationCost
{
    // Objects, array slots and dictionary entries around the bytes.
    private const int OfPublication = 160;
    private const int OfTag = 100;

    public static long Of(in Publication publication) =>
        OfPublication + publication.Data.Length
        + (publication.Publisher is { } publisher ? publisher.ConnectionInfo.Length + publisher.ChannelInfo.Length : 0)
        + (publication.Tags?.Sum(tag => OfTag + (2L * (tag.Key.Length + tag.Value.Length))) ?? 0);
}
