using System.Globalization;

namespace ClawEvents.Cli.Streams;

/// <summary>The client's reactions to the server's codes.</summary>
internal static class DisconnectCode
{
    /// <summary>The error of a subscribe to a channel that is subscribed already: treated as a success.</summary>
    public const uint AlreadySubscribed = 105;

    private const uint Unauthorized = 101;
    private const uint PermissionDenied = 103;
    private const uint TokenExpired = 109;
    private const uint Expired = 110;
    private const uint SubscriptionStateInvalidated = 2502;
    private const int StateInvalidated = 3014;
    private const int InvalidToken = 3500;
    private const int ConnectionDenied = 3507;

    /// <summary>The client's reaction to a close code.</summary>
    public static StreamEndKind EndOfClose(int closeCode) => closeCode switch
    {
        InvalidToken or ConnectionDenied => StreamEndKind.TokenInvalid,
        (>= 3500 and < 4000) or (>= 4500 and < 5000) => StreamEndKind.Terminal,
        _ => StreamEndKind.Lost,
    };

    /// <summary>The client's reaction to a refused connect.</summary>
    public static StreamEndKind EndOfConnect(uint errorCode, bool temporary) => errorCode switch
    {
        TokenExpired or Expired => StreamEndKind.TokenExpired,
        Unauthorized or PermissionDenied => StreamEndKind.TokenInvalid,
        _ => MayRetry(errorCode, temporary) ? StreamEndKind.Lost : StreamEndKind.Terminal,
    };

    /// <summary>Whether a refused subscribe may work later.</summary>
    public static bool MayRetry(uint errorCode, bool temporary) => errorCode < 100 || temporary || errorCode == TokenExpired;

    /// <summary>Whether an unsubscribe push asks for a new subscription.</summary>
    public static bool IsResubscribe(uint unsubscribeCode) => unsubscribeCode >= 2500;

    /// <summary>Whether a close or unsubscribe code invalidates all positions in histories.</summary>
    public static bool LosesPositions(long code) => code is StateInvalidated or SubscriptionStateInvalidated;

    /// <summary>The reason, or the number where the server gives none.</summary>
    public static string Describe(string? reason, long code) =>
        string.IsNullOrEmpty(reason) ? "code " + code.ToString(CultureInfo.InvariantCulture) : reason;
}
