namespace ClawEvents.Broker.Configuration;

/// <summary>A setting of a Centrifugo that this broker does not translate.</summary>
/// <param name="Name">As written: <c>engine.type</c>, <c>CENTRIFUGO_ENGINE_TYPE</c>, <c>--engine.type</c>.</param>
/// <param name="Value">May be a secret: only values that <see cref="CentrifugoDanger"/> compares are shown.</param>
internal sealed record CentrifugoLeftover(string Name, string Value)
{
    private const string VariablePrefix = "CENTRIFUGO_";

    /// <summary>The name in one form for files, variables, flags and both versions: <c>engine_type</c>.</summary>
    public string Key => KeyOf(Name);

    /// <summary>See <see cref="Key"/>.</summary>
    /// <param name="name">A path with dots or colons, a variable, or a flag.</param>
    public static string KeyOf(string name)
    {
        var bare = name.StartsWith(VariablePrefix, StringComparison.Ordinal) ? name[VariablePrefix.Length..] : name.TrimStart('-');
        return bare.ToLowerInvariant().Replace('.', '_').Replace(':', '_');
    }
}
