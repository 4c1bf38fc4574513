using ClawEvents.Broker.Api;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Consumers;

/// <summary>Wires the queues from which commands are read; without any configured, nothing of this room is there. docs/reference/consumers.md</summary>
internal static class ConsumersRoom
{
    /// <param name="services">The broker's.</param>
    /// <param name="consumers">One for each queue.</param>
    /// <param name="maxPayloadBytes">Size limit of one command.</param>
    public static void Add(IServiceCollection services, IReadOnlyList<ConsumerOptions> consumers, int maxPayloadBytes)
    {
        if (consumers.Count > 0)
        {
            services
                .AddSingleton(new ConsumerLimits(maxPayloadBytes))
                .AddSingleton<ConsumerFactory>()
                .AddSingleton(provider => new ConsumerService(consumers, provider.GetRequiredService<ConsumerFactory>()))
                .AddSingleton<IHealthPart>(provider => provider.GetRequiredService<ConsumerService>())
                .AddHostedService(provider => provider.GetRequiredService<ConsumerService>());
        }
    }
}
