namespace ClawEvents.Broker.Configuration;

/// <summary>Reads subscriptions of Google Pub/Sub. docs/reference/consumers.md#google-pubsub</summary>
internal static class PubSubOptionsReader
{
    private const int MostMessages = 100_000;
    private const string KeyOfService = "service_account";

    public static PubSubOptions Read(ConsumerSection section)
    {
        var options = new PubSubOptions(section.Name, section.Required("project_id", "my-project"), section.Needed("subscriptions", "commands"));
        return options with
        {
            MaxMessages = section.Number("max_outstanding_messages", options.MaxMessages, MostMessages),
            MaxBytes = section.Number("max_outstanding_bytes", options.MaxBytes, int.MaxValue),
            CredentialsFile = CredentialsFile(section),
            Endpoint = Endpoint(section),
            Form = ConsumersReader.Form(section, "attribute", section.TextOr("method_attribute", "centrifugo-method")),
        };
    }

    // Ours: a server of one region, or an emulator.
    private static Uri? Endpoint(ConsumerSection section)
    {
        if (section.Text("endpoint") is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https")
        {
            return endpoint;
        }

        section.Fault("endpoint", $"'{text}' is not a URL", "https://europe-west1-pubsub.googleapis.com");
        return null;
    }

    // Without the mechanism the file has no effect, as with Centrifugo.
    private static string? CredentialsFile(ConsumerSection section)
    {
        var (mechanism, file) = (section.TextOr("auth_mechanism", "").ToLowerInvariant(), section.Text("credentials_file"));
        if (mechanism is not ("" or "default" or KeyOfService))
        {
            section.Fault("auth_mechanism", $"'{mechanism}' is neither default nor {KeyOfService}", KeyOfService);
        }
        else if (mechanism == KeyOfService && file is null)
        {
            section.Fault("credentials_file", $"it is needed with {KeyOfService}", "/etc/clawevents/google.json");
        }

        return mechanism == KeyOfService ? file : null;
    }
}
