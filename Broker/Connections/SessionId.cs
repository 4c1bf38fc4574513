using System.Security.Cryptography;

namespace ClawEvents.Broker.Connections;

/// <summary>The ids of sessions. They cannot be guessed: a request that names one speaks for its client.</summary>
internal static class SessionId
{
    private const int Bytes = 16;

    /// <summary>32 hexadecimal digits.</summary>
    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
