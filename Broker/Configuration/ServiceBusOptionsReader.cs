namespace ClawEvents.Broker.Configuration;

/// <summary>Reads queues of an Azure Service Bus. docs/reference/consumers.md#azure-service-bus</summary>
internal static class ServiceBusOptionsReader
{
    private const int MostReceivers = 256;
    private const int MostMessages = 1000;

    public static ServiceBusOptions Read(ConsumerSection section)
    {
        var options = new ServiceBusOptions(section.Name, Access(section), section.Needed("queues", "commands"));
        return options with
        {
            HasSessions = section.Flag("use_sessions"),
            Receivers = section.Number("max_concurrent_calls", options.Receivers, MostReceivers),
            MaxMessages = section.Number("max_receive_messages", options.MaxMessages, MostMessages),
            Form = ConsumersReader.Form(section, "property", section.TextOr("method_property", "centrifugo-method")),
        };
    }

    private static ServiceBusAccess Access(ConsumerSection section)
    {
        var isIdentity = section.Flag("use_azure_identity");
        var access = new ServiceBusAccess(section.Secret("connection_string"), section.TextOr("fully_qualified_namespace", ""), section.TextOr("tenant_id", ""), section.TextOr("client_id", ""), section.Secret("client_secret") ?? "");
        if (isIdentity)
        {
            RequireAll(section, ("fully_qualified_namespace", access.Host), ("tenant_id", access.Tenant), ("client_id", access.Client), ("client_secret", access.Secret));
            return access with { ConnectionString = null };
        }

        // The message must not contain the value: it holds a key.
        if (access.ConnectionString?.Contains("Endpoint=sb://", StringComparison.OrdinalIgnoreCase) is not true)
        {
            section.Fault("connection_string", access.ConnectionString is null ? "it is needed without use_azure_identity" : "it has no Endpoint=sb://…", "Endpoint=sb://NAME.servicebus.windows.net/;SharedAccessKeyName=…;SharedAccessKey=…");
        }

        return access;
    }

    private static void RequireAll(ConsumerSection section, params ReadOnlySpan<(string Option, string Value)> options)
    {
        foreach (var (option, value) in options)
        {
            if (value.Length == 0)
            {
                section.Fault(option, "it is needed with use_azure_identity", "…");
            }
        }
    }
}
