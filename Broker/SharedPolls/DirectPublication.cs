using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>A value that the server API publishes, on its way to the nodes: a publication of the channel whose tags are key, version and epoch. Pure.</summary>
/// <remarks>No subscriber gets it in this form: nothing else is published in a channel of shared polls.</remarks>
internal static class DirectPublication
{
    private const string Key = "key";
    private const string Version = "version";
    private const string Epoch = "epoch";

    public static Publication Of(in PolledValue value, string epoch) => new(value.Data, Tags: new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Key] = value.Key,
        [Version] = value.Version.ToString(CultureInfo.InvariantCulture),
        [Epoch] = epoch,
    });

    /// <param name="value">Its data is a copy.</param>
    /// <returns>False for any other publication.</returns>
    public static bool TryRead(in Publication publication, out PolledValue value, out string epoch)
    {
        (value, epoch) = (default, "");
        if (publication.Tags is not { } tags
            || !tags.TryGetValue(Key, out var key)
            || !ulong.TryParse(tags.GetValueOrDefault(Version), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return false;
        }

        value = new(key, publication.Data.ToArray(), version);
        epoch = tags.GetValueOrDefault(Epoch) ?? "";
        return true;
    }
}
