namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="WebhookOptions"/>.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class WebhookOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private static readonly WebhookOptions Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public WebhookOptions Read() => new()
    {
        IsOn = _source.Flag("Webhooks", Defaults.IsOn),
        MaxOfOwner = _source.Number("MaxWebhooksPerOwner", Defaults.MaxOfOwner, 0, 1_000),
        MaxInAll = _source.Number("MaxWebhooks", Defaults.MaxInAll, 0, 100_000),
        Timeout = TimeSpan.FromSeconds(_source.Number("WebhookTimeoutSeconds", (int)Defaults.Timeout.TotalSeconds, 1, 60)),
        RetryTime = TimeSpan.FromHours(_source.Number("WebhookRetryHours", (int)Defaults.RetryTime.TotalHours, 1, 24 * 30)),
        AllowedNetworks = _source.Networks("WebhookAllowedNetworks", word: null, out _),
        AllowsHttp = _source.Flag("WebhookAllowHttp"),
    };
}
