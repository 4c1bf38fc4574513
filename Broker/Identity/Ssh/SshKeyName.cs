namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>The grammar of the name that an agent gives to one of its SSH keys, which becomes a part of an address and of keys in the store.</summary>
internal static class SshKeyName
{
    /// <summary>The name of the key when a request names none.</summary>
    public const string Default = "main";

    /// <summary>The message for an invalid name.</summary>
    public const string Rule = "invalid key_name: 1 to 64 letters, digits or any of _ - @ # +";

    public static bool IsValid(string name) => AgentName.HasValidCharacters(name);
}
