namespace ClawEvents.Broker.Protocol;

/// <summary>The decision on something that a client wants: a value, an error for the reply, or a disconnect instead of a reply.</summary>
/// <typeparam name="T">The type of a decision in the client's favour.</typeparam>
/// <remarks>Exactly one of <see cref="Value"/>, <see cref="Error"/> and <see cref="Disconnect"/> is set, or none of them when it is undecided.</remarks>
internal readonly record struct Outcome<T>
    where T : class
{
    public T? Value { get; private init; }

    public ErrorCode? Error { get; private init; }

    public DisconnectCode? Disconnect { get; private init; }

    /// <summary>Whether nobody has decided, so that the default applies or somebody else is asked.</summary>
    public bool IsUndecided => this is { Value: null, Error: null, Disconnect: null };

    public static Outcome<T> Undecided => default;

    public static Outcome<T> Of(T value) => new() { Value = value };

    public static Outcome<T> Refused(ErrorCode error) => new() { Error = error };

    public static Outcome<T> Disconnected(DisconnectCode code) => new() { Disconnect = code };
}
