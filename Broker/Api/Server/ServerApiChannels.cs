using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>Finds the channels that calls name.</summary>
internal sealed class ServerApiChannels(ChannelResolver channels)
{
    /// <param name="channel">The default when the name is invalid.</param>
    /// <param name="error">Why there is no such channel. A name without a namespace has a channel, even where no client may use it.</param>
    public bool TryFind(string value, out ResolvedChannel channel, [NotNullWhen(false)] out ErrorCode? error)
    {
        error = !channels.TryResolve(value, out channel) ? ErrorCode.BadRequest.Because(channels.Rule)
            : channel is { Options: null, Name.Kind: ChannelKind.Namespaced } ? ErrorCode.UnknownChannel
            : null;
        return error is null;
    }
}
