namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The result of a <see cref="TokenCheck{T}"/>.</summary>
/// <param name="Token">Null unless <paramref name="Status"/> is <see cref="TokenStatus.Valid"/>.</param>
internal readonly record struct CheckedToken<T>(TokenStatus Status, VerifiedToken<T>? Token);
