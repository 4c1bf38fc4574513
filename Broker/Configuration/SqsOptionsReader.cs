namespace ClawEvents.Broker.Configuration;

/// <summary>Reads queues of AWS SQS. docs/reference/consumers.md#aws-sqs</summary>
internal static class SqsOptionsReader
{
    // Of the service.
    private const int MostMessages = 10;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestVisibility = TimeSpan.FromHours(12);

    private const string ExampleQueue = "https://sqs.eu-central-1.amazonaws.com/123456789012/commands";

    public static SqsOptions Read(ConsumerSection section)
    {
        var options = new SqsOptions(section.Name, Queues(section));
        return options with
        {
            HasEnvelope = section.Flag("sns_envelope"),
            Region = section.Text("region"),
            MaxMessages = section.Number("max_number_of_messages", options.MaxMessages, MostMessages),
            PollWait = Seconds(section, "wait_time_time", options.PollWait, LongestWait),
            Visibility = Seconds(section, "visibility_timeout", options.Visibility, LongestVisibility),
            Concurrency = section.Number("max_concurrency", options.Concurrency, MostMessages),
            Profile = section.Text("credentials_profile"),
            Role = section.Text("assume_role_arn"),
            Endpoint = Endpoint(section),
            Form = ConsumersReader.Form(section, "attribute", section.TextOr("method_attribute", "centrifugo-method")),
        };
    }

    private static IReadOnlyList<string> Queues(ConsumerSection section)
    {
        var queues = section.Needed("queues", ExampleQueue);
        if (queues.FirstOrDefault(queue => !IsUrl(queue)) is { } wrong)
        {
            section.Fault("queues", $"'{wrong}' is not the URL of a queue", ExampleQueue);
        }

        return queues;
    }

    private static string? Endpoint(ConsumerSection section)
    {
        var endpoint = section.Text("localstack_endpoint");
        if (endpoint is not null && !IsUrl(endpoint))
        {
            section.Fault("localstack_endpoint", $"'{endpoint}' is not a URL", "http://localhost:4566");
        }

        return endpoint;
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    // The service knows whole seconds; as with Centrifugo the rest is cut off, and less than one is one.
    private static TimeSpan Seconds(ConsumerSection section, string option, TimeSpan fallback, TimeSpan most) =>
        TimeSpan.FromSeconds(Math.Max(1, (int)section.Duration(option, fallback, TimeSpan.FromMilliseconds(1), most).TotalSeconds));
}
