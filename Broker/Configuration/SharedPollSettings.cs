namespace ClawEvents.Broker.Configuration;

/// <summary>What shared polls of all namespaces have in common. docs/reference/settings.md</summary>
/// <remarks>Settable ones change in place on a reload, and every read has the newest. Thread-safe.</remarks>
internal sealed record SharedPollSettings
{
    /// <summary><c>SharedPollSecret</c>: signs the keys that clients may track. Null: no namespace has shared polls.</summary>
    public string? Secret { get; set; }

    /// <summary><c>SharedPollPreviousSecret</c>: the secret before, still accepted.</summary>
    public string? PreviousSecret { get; set; }

    /// <summary><c>SharedPollPreviousSecretValidUntil</c>, in seconds since 1970: later signatures need the new secret.</summary>
    public long PreviousSecretEnd { get; set; } = long.MaxValue;

    /// <summary><c>SharedPollConcurrency</c>: questions to back ends at the same time, of all channels together.</summary>
    public int Concurrency { get; init; } = 64;

    public void ApplySettings(SharedPollSettings fresh)
    {
        PreviousSecretEnd = fresh.PreviousSecretEnd;
        PreviousSecret = fresh.PreviousSecret;
        Secret = fresh.Secret;
    }
}
