namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>The grammar of the name that an agent gives to one of its SSH keys: it becomes a part of an address and of keys in the store.</summary>
internal static class SshKeyName
{
    /// <summary>The key that is meant when none is named.</summary>
    public const string Default = "main";

    /// <summary>What a name has to be, for the message of a refusal.</summary>
    public const string Rule = "invalid key_name: 1 to 64 letters, digits or any of _ - @ # +";

    public static bool IsValid(string name) => AgentName.IsSpelledRight(name);
}
