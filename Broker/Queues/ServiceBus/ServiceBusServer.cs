using Azure.Identity;
using Azure.Messaging.ServiceBus;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Queues.ServiceBus;

/// <summary>Translates options to what the client library needs.</summary>
internal static class ServiceBusServer
{
    // For an answer of the server; also how long it may hold a question for a session.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    /// <exception cref="FormatException">The text is not a connection string.</exception>
    public static ServiceBusClient Open(ServiceBusAccess access)
    {
        // The broker repeats attempts itself, and reports an outage.
        var options = new ServiceBusClientOptions
        {
            Identifier = "clawevents-broker",
            RetryOptions = { MaxRetries = 0, TryTimeout = AnswerTime },
        };
        return access.ConnectionString is { } text
            ? new(text, options)
            : new(access.Host, new ClientSecretCredential(access.Tenant, access.Client, access.Secret), options);
    }
}
