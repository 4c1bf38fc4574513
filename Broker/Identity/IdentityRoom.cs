using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Identity;

/// <summary>Wires who is asking: tokens, profiles and SSH keys.</summary>
internal static class IdentityRoom
{
    public static void Add(IServiceCollection services, BrokerOptions options, SigningSecret secret) => services
        .AddSingleton(secret)
        .AddSingleton<TokenIssuer>()
        .AddSingleton<TokenVerifier>()
        .AddSingleton(provider => ConnectionTokensOf(provider, options.ClientTokens))
        .AddSingleton(provider => SubscriptionTokensOf(provider, options.SubscriptionTokens ?? options.ClientTokens))
        .AddSingleton<MoltbookProfiles>()
        .AddSingleton<SshPublicKeys>()
        .AddSingleton(provider => new SshKeygen(options.SshKeygen, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<SshSignatures>();

    private static ConnectionTokens ConnectionTokensOf(IServiceProvider provider, TokenSettings settings) =>
        new(VerifierOf(provider, settings), provider.GetRequiredService<IStateStore>());

    private static SubscriptionTokens SubscriptionTokensOf(IServiceProvider provider, TokenSettings settings) =>
        new(VerifierOf(provider, settings), provider.GetRequiredService<TimeProvider>());

    private static ClientTokenVerifier VerifierOf(IServiceProvider provider, TokenSettings settings) =>
        ClientTokenVerifier.Of(settings, provider.GetRequiredService<SigningSecret>(), provider.GetRequiredService<TimeProvider>());
}
