namespace ClawEvents.Broker.Channels;

/// <summary>The condition of a publication to a map.</summary>
internal enum KeyMode : byte
{
    /// <summary>None.</summary>
    Replace,

    /// <summary><c>if_new</c>: the key must not be there.</summary>
    IfNew,

    /// <summary><c>if_exists</c>: the key must be there.</summary>
    IfExists,
}

internal static class KeyModes
{
    /// <returns>Null when it is no condition; the empty word is <see cref="KeyMode.Replace"/>.</returns>
    public static KeyMode? Parse(string word) => word switch
    {
        "" => KeyMode.Replace,
        "if_new" => KeyMode.IfNew,
        "if_exists" => KeyMode.IfExists,
        _ => null,
    };
}
