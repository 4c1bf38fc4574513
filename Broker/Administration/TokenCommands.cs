using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Administration;

/// <summary>Creates and checks client tokens with the settings that the broker would run with. docs/reference/broker-commands.md</summary>
internal static class TokenCommands
{
    private const int WeekSeconds = 7 * 24 * 3600;
    private const int Failed = 1;

    public static int GenerateForChannel(CommandArguments arguments, ICommandHost host) => arguments.Value("channel") is { Length: > 0 } channel
        ? Generate(arguments, host, channel)
        : Fail("missing channel: gensubtoken -s CHANNEL");

    /// <param name="channel">Channel of a subscription token; null for a connection token.</param>
    public static int Generate(CommandArguments arguments, ICommandHost host, string? channel)
    {
        if (!int.TryParse(arguments.Value("ttl") ?? $"{WeekSeconds}", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || seconds == 0)
        {
            return Fail("invalid time to live: use seconds, such as -t 3600, or -1 for no expiry");
        }

        var user = arguments.Value("user") ?? "";
        if (!ClientTokens.MayName(user))
        {
            return Fail($"invalid user '{user}': no user has the name 'anonymous', and the tokens of an app are its keys; leave -u out for an anonymous user");
        }

        if (!TryReadSettings(arguments, host, out var settings))
        {
            return Failed;
        }

        var token = ClientTokens.Sign(TokensOf(settings, channel is not null), settings.OpenSecret(), user, channel, seconds < 0 ? null : TimeSpan.FromSeconds(seconds), DateTimeOffset.UtcNow);
        Console.WriteLine(arguments.Has("quiet") ? token : $"HS256 token for {Describe(user, channel)}, {(seconds < 0 ? "never expires" : $"expires in {seconds} s")}:\n{token}");
        return 0;
    }

    /// <param name="isForChannel">Whether a subscription token is expected.</param>
    public static async Task<int> CheckAsync(CommandArguments arguments, ICommandHost host, bool isForChannel)
    {
        if (arguments.Rest is not [var token])
        {
            return Fail("missing token: pass exactly one");
        }

        if (!TryReadSettings(arguments, host, out var settings))
        {
            return Failed;
        }

        var tokens = TokensOf(settings, isForChannel);
        var check = new TokenCheck<OwnedClaims>(new AllClaims(), tokens, settings.OpenSecret(), liveKeys: null, TimeProvider.System);
        var (status, verified) = await check.CheckAsync(token.AsMemory());
        return status switch
        {
            TokenStatus.Valid => PrintClaims(verified!.Content, isForChannel),
            TokenStatus.Expired => Fail("token expired, or not valid yet"),
            TokenStatus.Unavailable => Fail("the published keys cannot be fetched"),
            _ => Fail("invalid token: it is malformed, or its signature, audience or issuer does not match the settings"),
        };
    }

    private static int PrintClaims(OwnedClaims token, bool isForChannel)
    {
        if (!token.Claims.TryGetText(ClientTokens.ChannelClaim, out var channel))
        {
            return Fail($"invalid token: {ClientTokens.ChannelClaim} must be a string");
        }

        if (isForChannel != channel.Length > 0)
        {
            return Fail(isForChannel ? "not a subscription token: it has no channel" : "not a connection token: it has a channel");
        }

        Console.WriteLine($"valid token for {Describe(token.User, isForChannel ? channel : null)}");
        Console.WriteLine($"payload: {token.Claims.GetRawText()}");
        return 0;
    }

    private static bool TryReadSettings(CommandArguments arguments, ICommandHost host, out CommandSettings settings)
    {
        settings = host.ReadSettings(ConfigCommands.FileArgument(arguments));
        ErrorOutput.Write(settings.Faults);
        return settings.Faults.Count == 0;
    }

    private static TokenSettings TokensOf(CommandSettings settings, bool isForChannel) =>
        isForChannel ? settings.SubscriptionTokens : settings.ClientTokens;

    private static string Describe(string user, string? channel) =>
        $"{(user.Length == 0 ? "anonymous user" : $"user {user}")}{(channel is null ? "" : $" and channel {channel}")}";

    private static int Fail(string fault)
    {
        Console.Error.WriteLine($"error: {fault}");
        return Failed;
    }

    private sealed record OwnedClaims(string User, JsonElement Claims);

    private sealed class AllClaims : ITokenReader<OwnedClaims>
    {
        public bool TryRead(JsonElement claims, TokenOwner owner, out OwnedClaims content)
        {
            content = new(owner.Name, claims.Clone());
            return true;
        }
    }
}
