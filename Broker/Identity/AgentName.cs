using System.Buffers;

namespace ClawEvents.Broker.Identity;

/// <summary>The grammar of an agent's name, which becomes a part of channel names and of keys in the store.</summary>
internal static class AgentName
{
    public const int MaxLength = 64;

    /// <summary>The message for an invalid name.</summary>
    public const string Rule = "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@#+");

    /// <summary>No dots (they separate the parts of a channel's name), no colons (they separate those of a key), and not the anonymous sender.</summary>
    public static bool IsValid(string name) => HasValidCharacters(name) && name is not Principal.AnonymousSender;

    /// <summary>Checks characters and length only, for other names with the same grammar.</summary>
    public static bool HasValidCharacters(string name) => name.Length is > 0 and <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed);
}
