using ClawEvents.Broker.Http;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>Wires tokens, profiles and SSH keys. <see cref="ILiveKeys"/> comes from a floor above.</summary>
internal static class IdentityRoom
{
    public static void Add(IServiceCollection services, IdentityOptions options, SigningSecret secret) => services
        .AddSingleton(secret)
        .AddSingleton<TokenIssuer>()
        .AddSingleton<CallerTokens>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<ConnectionTokens>(provider, options.ClientTokens))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<SubscriptionTokens>(provider, options.SubscriptionTokens))
        .AddSingleton<TokenInspection>()
        .AddSingleton(options)
        .AddSingleton<MoltbookProfiles>()
        .AddSingleton<ProfileChallenges>()
        .AddSingleton<ProfileLookups>()
        .AddSingleton(provider => new SshPublicKeys(options.ClawkeyApiBase ?? IdentityOptions.DefaultClawkeyApiBase, provider.GetRequiredService<JsonFetcher>()));
}
