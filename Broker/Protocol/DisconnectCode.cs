using System.Text;

namespace ClawEvents.Broker.Protocol;

/// <summary>The reason why the broker closes a connection: code and reason of the WebSocket close frame.</summary>
/// <param name="Code">1000 to 4999. Clients treat 3500 to 3999 and 4500 to 4999 as final and reconnect after any other.</param>
/// <param name="Reason">At most <see cref="ProtocolLimits.MaxCloseReasonBytes"/> in UTF-8; ours are ASCII. Never empty for codes from 3000 on: official clients take an empty reason for a lost transport.</param>
internal sealed record DisconnectCode(int Code, string Reason)
{
    // RFC 6455, section 7.4.1.
    public static readonly DisconnectCode ProtocolError = new(1002, "protocol error");
    public static readonly DisconnectCode InvalidPayload = new(1007, "invalid UTF-8");
    public static readonly DisconnectCode UnsupportedData = new(1003, "unsupported data");

    /// <summary>Without a reason, as the reference sends it: clients know this code by its number.</summary>
    public static readonly DisconnectCode MessageTooBig = new(1009, "");

    // The client protocol, docs/reference/codes.md.
    public static readonly DisconnectCode Shutdown = new(3001, "shutdown");
    public static readonly DisconnectCode InternalServerError = new(3004, "internal server error");
    public static readonly DisconnectCode ConnectionExpired = new(3005, "connection expired");

    /// <summary>A subscription that the broker made has expired, which the client cannot renew alone.</summary>
    public static readonly DisconnectCode SubscriptionExpired = new(3006, "subscription expired");
    public static readonly DisconnectCode Slow = new(3008, "slow");

    /// <summary>As <see cref="UnsubscribeCode.InsufficientState"/>, for a subscription that the broker made or for a whole connection: the client connects again.</summary>
    public static readonly DisconnectCode InsufficientState = new(3010, "insufficient state");
    public static readonly DisconnectCode NoPong = new(3012, "no pong");
    public static readonly DisconnectCode TooManyRequests = new(3013, "too many requests");

    public static readonly DisconnectCode InvalidToken = new(3500, "invalid token");
    public static readonly DisconnectCode BadRequest = new(3501, "bad request");
    public static readonly DisconnectCode Stale = new(3502, "stale");
    public static readonly DisconnectCode ForceDisconnect = new(3503, "force disconnect");
    public static readonly DisconnectCode ConnectionLimit = new(3504, "connection limit");
    public static readonly DisconnectCode ChannelLimit = new(3505, "channel limit");

    /// <summary>A payload that is not JSON was to go to a JSON client.</summary>
    public static readonly DisconnectCode InappropriateProtocol = new(3506, "inappropriate protocol");
    public static readonly DisconnectCode PermissionDenied = new(3507, "permission denied");
    public static readonly DisconnectCode NotAvailable = new(3508, "not available");

    /// <summary>A disconnect from a back end or the settings: 3000 to 4999, the codes that clients know how to handle.</summary>
    /// <returns>Null when no close frame can carry it.</returns>
    public static DisconnectCode? Custom(long code, string reason) =>
        code is >= 3000 and <= 4999 && Encoding.UTF8.GetByteCount(reason) <= ProtocolLimits.MaxCloseReasonBytes
            ? new((int)code, reason.Length > 0 ? reason : "disconnected by the back end")
            : null;

    /// <summary>Reports an error of a connect on transports without replies.</summary>
    public static DisconnectCode InPlaceOf(ErrorCode error) =>
        error.Code == ErrorCode.TokenExpired.Code || error.Code == ErrorCode.Expired.Code ? ConnectionExpired
        : error.Code == ErrorCode.TooManyRequests.Code ? TooManyRequests
        : error.Code == ErrorCode.PermissionDenied.Code ? PermissionDenied
        : InternalServerError;
}
