using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>presence</c>, <c>presence_stats</c>, <c>history</c> and <c>history_remove</c>: presence and history of channels.</summary>
internal sealed class ChannelMethods(ServerApiChannels channels, IChannelEngine engine)
{
    public ServerApiCall Presence(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, options => options.Presence, async channel =>
        {
            var clients = await engine.GetPresenceAsync(channel.Name);
            return new PresenceResult(clients);
        });
    }

    public ServerApiCall PresenceStats(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, options => options.Presence, async channel =>
        {
            var stats = await engine.GetPresenceStatsAsync(channel.Name);
            return new PresenceStatsResult(stats);
        });
    }

    public ServerApiCall History(ServerApiFields fields)
    {
        var (name, filter) = (fields.Text("channel"), new HistoryFilter(fields.Number("limit"), Since(fields), fields.Flag("reverse")));
        return () => WithAsync(name, options => options.KeepsHistory, async channel =>
        {
            var page = await engine.ReadHistoryAsync(channel.Name, filter, channel.OptionsOrNone.HistoryMetaTtl);
            return HistoryRules.Refuse(filter, page.Top) is { } refusal ? refusal : new HistoryResult(page);
        });
    }

    public ServerApiCall HistoryRemove(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, options => options.KeepsHistory, async channel =>
        {
            await engine.RemoveHistoryAsync(channel.Name);
            return ServerApiAnswer.Done;
        });
    }

    /// <summary>A position in a history, in the form of calls.</summary>
    /// <returns>Null when it is absent.</returns>
    public static StreamPosition? Since(ServerApiFields fields, string name = "since")
    {
        if (fields.Object(name) is not { } since)
        {
            return null;
        }

        var position = new StreamPosition(since.WholeNumber("offset"), since.Text("epoch"));
        fields.Adopt(since);
        return position;
    }

    private async ValueTask<ServerApiAnswer> WithAsync(
        string name, Func<ChannelOptions, bool> isOn, Func<ResolvedChannel, ValueTask<ServerApiAnswer>> act) =>
        !channels.TryFind(name, out var channel, out var error) ? error
        : !isOn(channel.OptionsOrNone) ? ErrorCode.NotAvailable
        : await act(channel);
}
