namespace ClawEvents.Broker.Permissions;

/// <summary>What a principal may or may not do with a channel.</summary>
internal enum AccessAction : byte
{
    Subscribe,
    Publish,
    History,
    Presence,
    Lock,
    Unlock,
    Grant,
    Revoke,
    Advertise,

    /// <summary>Asks the owner for access.</summary>
    Request,
}

/// <summary>Names of actions.</summary>
internal static class AccessActions
{
    private static readonly string[] Words = ["subscribe", "publish", "history", "presence", "lock", "unlock", "grant", "revoke", "advertise", "request"];

    /// <summary>The words of the actions that <c>/api/explain</c> explains.</summary>
    public static IReadOnlyList<string> Explained { get; } = Words[..(int)AccessAction.Request];

    /// <summary>The action as <c>/api/explain</c> and metrics name it.</summary>
    public static string Word(this AccessAction action) => Words[(int)action];

    /// <returns>False when none of <see cref="Explained"/> has that word.</returns>
    public static bool TryParse(string word, out AccessAction action)
    {
        var index = Array.IndexOf(Words, word, 0, (int)AccessAction.Request);
        action = (AccessAction)Math.Max(index, 0);
        return index >= 0;
    }
}
