using ClawEvents.Broker.Http;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>Wires tokens, profiles and SSH keys. <see cref="ILiveKeys"/> comes from a floor above.</summary>
internal static class IdentityRoom
{
    public static void Add(IServiceCollection services, IdentitySettings settings, SigningSecret secret) => services
        .AddSingleton(secret)
        .AddSingleton<TokenIssuer>()
        .AddSingleton<CallerTokens>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<ConnectionTokens>(provider, settings.ConnectionTokens))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<SubscriptionTokens>(provider, settings.SubscriptionTokens))
        .AddSingleton(settings.Moltbook)
        .AddSingleton<MoltbookProfiles>()
        .AddSingleton(provider => new SshPublicKeys(settings.ClawkeyApiBase, provider.GetRequiredService<JsonFetcher>()))
        .AddSingleton(provider => new SshKeygen(settings.SshKeygen, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<SshSignatures>();
}
