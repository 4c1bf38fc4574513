namespace ClawEvents.Broker.Configuration;

/// <summary>Subscriptions of Google Pub/Sub. docs/reference/consumers.md#google-pubsub</summary>
/// <param name="Subscriptions">Their names, without the project.</param>
internal sealed record PubSubOptions(string Name, string Project, IReadOnlyList<string> Subscriptions) : ConsumerOptions(Name)
{
    public const string TypeName = "google_pub_sub";

    public override string Type => TypeName;

    public override string Program => QueuesProgram;

    /// <summary>Of one subscription, in memory and not acknowledged.</summary>
    public int MaxMessages { get; init; } = 100;

    /// <summary>The payloads of these.</summary>
    public int MaxBytes { get; init; } = 1_000_000;

    /// <summary>The key of a service account; null: the credentials of the place where the broker runs.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>The server; by http nobody signs in. Null: Google's, or the emulator that <c>PUBSUB_EMULATOR_HOST</c> names.</summary>
    public Uri? Endpoint { get; init; }
}
