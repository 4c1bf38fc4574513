namespace ClawEvents.Broker.Configuration;

/// <summary>Queues of an Azure Service Bus. docs/reference/consumers.md#azure-service-bus</summary>
/// <param name="Access">How it is reached.</param>
internal sealed record ServiceBusOptions(string Name, ServiceBusAccess Access, IReadOnlyList<string> Queues) : ConsumerOptions(Name)
{
    public const string TypeName = "azure_service_bus";

    public override string Type => TypeName;

    public override string Program => QueuesProgram;

    /// <summary>The queues have sessions: what belongs to one session is carried out in its order.</summary>
    public bool HasSessions { get; init; }

    /// <summary>Receivers, or sessions, of one queue at the same time.</summary>
    public int Receivers { get; init; } = 1;

    /// <summary>That one of them gets at the same time.</summary>
    public int MaxMessages { get; init; } = 1;
}

/// <summary>A connection string, or a namespace with an application that Microsoft Entra knows.</summary>
/// <param name="ConnectionString">Null: the others count.</param>
/// <param name="Host">As <c>NAME.servicebus.windows.net</c>.</param>
internal sealed record ServiceBusAccess(string? ConnectionString, string Host = "", string Tenant = "", string Client = "", string Secret = "")
{
    // A record would write the secrets.
    public override string ToString() => Host;
}
