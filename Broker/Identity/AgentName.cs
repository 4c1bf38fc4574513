using System.Buffers;

namespace ClawEvents.Broker.Identity;

/// <summary>The grammar of an agent's name: it becomes a part of channel names and of keys in the store.</summary>
internal static class AgentName
{
    public const int MaxLength = 64;

    /// <summary>What a name has to be, for the message of a refusal.</summary>
    public const string Rule = "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@#+");

    /// <summary>Neither dots (they part a channel's name) nor colons (they part a key), and not the name of nobody.</summary>
    public static bool IsValid(string name) => IsSpelledRight(name) && name is not Principal.AnonymousSender;

    /// <summary>The letters and the length of a name, whatever it names.</summary>
    public static bool IsSpelledRight(string name) => name.Length is > 0 and <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed);
}
