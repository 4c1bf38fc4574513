using System.Globalization;

namespace ClawEvents.Cli.Streams;

/// <summary>What the server's numbers ask the client to do.</summary>
internal static class DisconnectCode
{
    /// <summary>The answer to a subscribe that is in force already: as good as a success.</summary>
    public const uint AlreadySubscribed = 105;

    private const uint TokenExpired = 109;
    private const uint SubscriptionStateInvalidated = 2502;
    private const int StateInvalidated = 3014;
    private const int InvalidToken = 3500;

    /// <summary>What a close code means for the client.</summary>
    public static StreamEndKind EndOfClose(int closeCode) => closeCode switch
    {
        InvalidToken => StreamEndKind.TokenInvalid,
        (>= 3500 and < 4000) or (>= 4500 and < 5000) => StreamEndKind.Terminal,
        _ => StreamEndKind.Lost,
    };

    /// <summary>What a refused connect means for the client.</summary>
    public static StreamEndKind EndOfConnect(uint errorCode, bool temporary) => errorCode switch
    {
        TokenExpired => StreamEndKind.TokenExpired,
        _ => MayRetry(errorCode, temporary) ? StreamEndKind.Lost : StreamEndKind.Terminal,
    };

    /// <summary>Whether a refused subscribe may work later.</summary>
    public static bool MayRetry(uint errorCode, bool temporary) => errorCode < 100 || temporary || errorCode == TokenExpired;

    /// <summary>Whether an unsubscribe push asks for a new subscription.</summary>
    public static bool IsResubscribe(uint unsubscribeCode) => unsubscribeCode >= 2500;

    /// <summary>Whether a close or unsubscribe code says that places in a history mean nothing any more.</summary>
    public static bool LosesPositions(long code) => code is StateInvalidated or SubscriptionStateInvalidated;

    /// <summary>The reason, or the number where the server gives none.</summary>
    public static string Describe(string? reason, long code) =>
        string.IsNullOrEmpty(reason) ? "code " + code.ToString(CultureInfo.InvariantCulture) : reason;
}
