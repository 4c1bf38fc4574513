using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Wires the delivery of publications to URLs. docs/decisions/0019-webhooks.md</summary>
internal static class WebhooksRoom
{
    public static void Add(IServiceCollection services, WebhookOptions options) => services
        .AddSingleton(options)
        .AddSingleton(new AddressFilter(options.AllowedNetworks))
        .AddSingleton(provider => new FilteredDial(provider.GetRequiredService<AddressFilter>()))
        .AddSingleton<WebhookUrl>()
        .AddSingleton<WebhookRight>()
        .AddSingleton<WebhookRegistration>()
        .AddSingleton<WebhookSender>()
        .AddSingleton<WebhookBudget>()
        .AddSingleton<WebhookServices>()
        .AddSingleton<WebhookService>()
        .AddHostedService(provider => provider.GetRequiredService<WebhookService>());
}
