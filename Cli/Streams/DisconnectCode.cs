using System.Globalization;

namespace ClawEvents.Cli.Streams;

/// <summary>What the server's numbers ask the client to do.</summary>
internal static class DisconnectCode
{
    /// <summary>The answer to a subscribe that is in force already: as good as a success.</summary>
    public const uint AlreadySubscribed = 105;

    private const uint TokenExpired = 109;

    /// <summary>Whether a close code means: do not come back.</summary>
    public static bool IsTerminal(int closeCode) => closeCode is (>= 3500 and < 4000) or (>= 4500 and < 5000);

    /// <summary>Whether a refused connect or subscribe may work later.</summary>
    public static bool MayRetry(uint errorCode, bool temporary) => errorCode < 100 || temporary || errorCode == TokenExpired;

    /// <summary>Whether an unsubscribe push asks for a new subscription.</summary>
    public static bool IsResubscribe(uint unsubscribeCode) => unsubscribeCode >= 2500;

    /// <summary>The reason, or the number where the server gives none.</summary>
    public static string Describe(string? reason, long code) =>
        string.IsNullOrEmpty(reason) ? "code " + code.ToString(CultureInfo.InvariantCulture) : reason;
}
