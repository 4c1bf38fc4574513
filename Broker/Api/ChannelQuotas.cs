using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>The limits of what one owner may keep in the store: locks, grants, advertisements. Simultaneous calls may exceed each by one.</summary>
internal sealed class ChannelQuotas(IStateStore store, ApiOptions options)
{
    /// <returns>The refusal of one more lock; null when there is room, or the channel is locked already.</returns>
    public async ValueTask<ApiError?> FindExcessOfLocksAsync(ChannelName channel)
    {
        var topics = await store.GetLockedTopicsAsync(channel.OwnerKey);
        return topics.Count < options.MaxLocks || topics.Contains(channel.Topic.ToString())
            ? null
            : ApiError.Forbidden($"too many locked channels (max {options.MaxLocks}): unlock another one first");
    }

    /// <param name="target">The principal to grant access to.</param>
    /// <returns>The refusal of one more grant; null when there is room.</returns>
    public async ValueTask<ApiError?> FindExcessOfGrantsAsync(ChannelName channel, string target) =>
        await store.CountOtherGrantsAsync(channel, target) >= options.MaxGrantsPerChannel
            ? ApiError.Forbidden($"too many grants on this channel (max {options.MaxGrantsPerChannel}): revoke another one first")
        : await store.CountGrantsAsync(channel.OwnerKey) >= options.MaxGrants
            ? ApiError.Forbidden($"too many grants of this owner (max {options.MaxGrants}): revoke others first")
        : null;

    /// <returns>The refusal of one more advertisement; null when there is room, or the channel has one.</returns>
    public async ValueTask<ApiError?> FindExcessOfAdvertisementsAsync(ChannelName channel) =>
        (await store.FindAdvertisementsAsync(new(Offset: 0, Limit: 0) { OwnerKey = channel.OwnerKey })).Total < options.MaxAdvertisements
        || await store.GetAdvertisementAsync(channel) is not null
            ? null
            : ApiError.Forbidden($"too many advertisements (max {options.MaxAdvertisements}): remove another one first");
}
