using System.Security.Cryptography;

namespace ClawEvents.Broker.Engine;

/// <summary>The names of epochs: eight random letters.</summary>
internal static class Epochs
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Length = 8;

    public static string New() => RandomNumberGenerator.GetString(Letters, Length);
}
