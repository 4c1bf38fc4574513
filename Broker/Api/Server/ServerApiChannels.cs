using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>Finds the channels that calls name.</summary>
internal sealed class ServerApiChannels(ChannelNames names, ChannelNamespaces namespaces)
{
    /// <param name="channel">A channel with <paramref name="options"/>, unless there is an error.</param>
    /// <param name="options">Empty for a channel without configured options, which nobody may use.</param>
    /// <param name="error">Why there is no such channel.</param>
    public bool TryFind(
        string value, [NotNullWhen(true)] out ChannelName? channel, [NotNullWhen(true)] out ChannelOptions? options, [NotNullWhen(false)] out ErrorCode? error)
    {
        options = null;
        error = !names.TryGet(value, out channel) ? ErrorCode.BadRequest.Because(names.Rule) : null;
        if (channel is not null)
        {
            options = namespaces.Find(channel);
            error = options is null && channel.Kind is ChannelKind.Namespaced ? ErrorCode.UnknownChannel : null;
            options ??= ChannelOptions.None;
        }

        return error is null;
    }
}
