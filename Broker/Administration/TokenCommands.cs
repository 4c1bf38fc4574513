using System.Globalization;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Administration;

/// <summary>Creates and checks client tokens with the settings that the broker would run with. docs/reference/broker-commands.md</summary>
internal static class TokenCommands
{
    private const string ChannelClaim = "channel";
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

        if (!TryReadSettings(arguments, host, out var settings))
        {
            return Failed;
        }

        var user = arguments.Value("user") ?? "";
        var token = Sign(user, channel, seconds, SecretOf(settings, channel is not null));
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
        var check = new TokenCheck<JsonElement>(new AllClaims(), tokens, settings.OpenSecret(), liveKeys: null, TimeProvider.System);
        var (status, verified) = await check.CheckAsync(token.AsMemory());
        return status switch
        {
            TokenStatus.Valid => PrintClaims(verified!.Content, tokens, isForChannel),
            TokenStatus.Expired => Fail("token expired, or not valid yet"),
            TokenStatus.Unavailable => Fail("the published keys cannot be fetched"),
            _ => Fail("invalid token: it is malformed, or its signature, audience or issuer does not match the settings"),
        };
    }

    private static int PrintClaims(JsonElement claims, TokenSettings settings, bool isForChannel)
    {
        if (!claims.TryGetText(settings.UserClaim, out var user) || !claims.TryGetText(ChannelClaim, out var channel))
        {
            return Fail($"invalid token: {settings.UserClaim} and {ChannelClaim} must be strings");
        }

        if (isForChannel != channel.Length > 0)
        {
            return Fail(isForChannel ? "not a subscription token: it has no channel" : "not a connection token: it has a channel");
        }

        Console.WriteLine($"valid token for {Describe(user, isForChannel ? channel : null)}");
        Console.WriteLine($"payload: {claims.GetRawText()}");
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

    private static byte[] SecretOf(CommandSettings settings, bool isForChannel) =>
        TokensOf(settings, isForChannel).Secret is { } secret ? Encoding.UTF8.GetBytes(secret) : settings.OpenSecret().Key.Key;

    private static string Sign(string user, string? channel, int seconds, byte[] secret)
    {
        var now = DateTime.UtcNow;
        var claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = user };
        if (channel is not null)
        {
            claims[ChannelClaim] = channel;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            IssuedAt = now,
            Expires = seconds < 0 ? null : now.AddSeconds(seconds),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret), SecurityAlgorithms.HmacSha256),
            Claims = claims,
        });
    }

    private static string Describe(string user, string? channel) =>
        $"{(user.Length == 0 ? "anonymous user" : $"user {user}")}{(channel is null ? "" : $" and channel {channel}")}";

    private static int Fail(string fault)
    {
        Console.Error.WriteLine($"error: {fault}");
        return Failed;
    }

    private sealed class AllClaims : ITokenReader<JsonElement>
    {
        public bool TryRead(JsonElement claims, TokenSettings settings, out JsonElement content)
        {
            content = claims.Clone();
            return true;
        }
    }
}
