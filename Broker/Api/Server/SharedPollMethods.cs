using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.SharedPolls;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>shared_poll_publish</c>: a value goes to those who track its key, on all nodes, without waiting for the next question about it.</summary>
internal sealed class SharedPollMethods(ServerApiChannels channels, IChannelEngine engine)
{
    private static readonly ErrorCode NotEnabled = ErrorCode.NotAvailable.Because("not available: the namespace does not allow it (shared_poll publish_enabled)");

    public ServerApiCall Publish(ServerApiFields fields)
    {
        var (channel, key, epoch, version) = (fields.Text("channel"), fields.Text("key"), fields.Text("epoch"), fields.WholeNumber("version"));
        var isData = fields.TryBytes("data", isNullValue: true, out var data);
        return () => PublishAsync(channel, new(key, isData ? data : null, version), epoch);
    }

    private async ValueTask<ServerApiAnswer> PublishAsync(string name, PolledValue value, string epoch)
    {
        if (name.Length == 0 || value.Key.Length == 0 || value.Version == 0)
        {
            return ServerApiAnswer.BadRequest("channel, key and a version above 0 are needed");
        }

        if (value.Data.IsEmpty)
        {
            return ServerApiAnswer.BadRequest(ServerPublication.DataRule);
        }

        if (!channels.TryFind(name, out var channel, out var error))
        {
            return error;
        }

        if (channel.OptionsOrNone.SubscriptionType is not SubscriptionType.SharedPoll)
        {
            return ServerApiAnswer.BadRequest("the channel is not a shared poll (subscription_type)");
        }

        if (!channel.OptionsOrNone.SharedPoll.IsPublishEnabled)
        {
            return NotEnabled;
        }

        await engine.PublishAsync(channel.Name, new() { Publication = DirectPublication.Of(value, epoch) });
        return ServerApiAnswer.Done;
    }
}
