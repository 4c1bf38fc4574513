using ClawEvents.Broker.Permissions;

namespace ClawEvents.Broker.Api;

/// <summary>The messages with which an action on a channel is refused; the contract fixes them.</summary>
/// <param name="Action">The action.</param>
/// <param name="NotOwner">For a channel of somebody else; null when the action is not reserved for the owner.</param>
/// <param name="Reserved">For a channel that is reserved for messages between an app and agents.</param>
internal sealed record ChannelActionWords(AccessAction Action, string? NotOwner, string Reserved)
{
    public static ChannelActionWords Lock { get; } = new(AccessAction.Lock, "can only lock your own channels", "cannot lock app.agent reserved channels");

    public static ChannelActionWords Unlock { get; } = new(AccessAction.Unlock, "can only unlock your own channels", "cannot unlock app.agent reserved channels");

    public static ChannelActionWords Grant { get; } =
        new(AccessAction.Grant, "can only grant access to your own channels", "cannot grant access to app.agent reserved channels");

    public static ChannelActionWords Revoke { get; } =
        new(AccessAction.Revoke, "can only revoke access from your own channels", "cannot revoke access from app.agent reserved channels");

    public static ChannelActionWords Advertise { get; } =
        new(AccessAction.Advertise, "can only advertise your own channels", "cannot advertise app.agent reserved channels");

    public static ChannelActionWords RemoveAdvertisement { get; } =
        new(AccessAction.Advertise, "can only remove your own advertisements", "cannot remove advertisements from app.agent reserved channels");

    public static ChannelActionWords Request { get; } =
        new(AccessAction.Request, NotOwner: null, "access requests are not supported for app.agent reserved channels");

    /// <returns>Null for actions of clients' connections.</returns>
    public static ChannelActionWords? Of(AccessAction action) => action switch
    {
        AccessAction.Lock => Lock,
        AccessAction.Unlock => Unlock,
        AccessAction.Grant => Grant,
        AccessAction.Revoke => Revoke,
        AccessAction.Advertise => Advertise,
        AccessAction.Request => Request,
        _ => null,
    };
}
