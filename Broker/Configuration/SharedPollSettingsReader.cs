using System.Globalization;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="SharedPollSettings"/>.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class SharedPollSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const string SecretName = "SharedPollSecret";

    private static readonly SharedPollSettings Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    /// <param name="isNeeded">A namespace has shared polls: without a secret nobody could track a key.</param>
    public SharedPollSettings Read(bool isNeeded)
    {
        var secret = Secret(SecretName);
        if (isNeeded && secret is null)
        {
            fault(SecretName, "a namespace has the subscription_type shared_poll, and its clients need signatures", "$(openssl rand -hex 32)");
        }

        return new()
        {
            Secret = secret,
            PreviousSecret = Secret("SharedPollPreviousSecret"),
            PreviousSecretEnd = Moment("SharedPollPreviousSecretValidUntil"),
            Concurrency = _source.Number("SharedPollConcurrency", Defaults.Concurrency, 1, 10_000),
        };
    }

    // The message must not contain the value: it is a secret.
    private string? Secret(string name)
    {
        var secret = _source.Text(name);
        if (secret is not null && SigningSecret.IsTooShort(secret) && !_source.Flag(SigningSecret.AllowShortName))
        {
            fault(name, SigningSecret.ShortRule, "$(openssl rand -hex 32)");
        }

        return secret;
    }

    private long Moment(string name)
    {
        var text = _source.Text(name) ?? "0";
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            fault(name, $"'{text}' is not a time in seconds since 1970", "1767225600");
        }

        return seconds == 0 ? long.MaxValue : seconds;
    }
}
