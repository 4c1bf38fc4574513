namespace ClawEvents.Broker.Configuration;

/// <summary>Reads what the HTTP API shows, and to whom.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class ApiOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private static readonly ApiOptions Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public ApiOptions Read() => new()
    {
        DevMode = _source.Text("CLAW_DEV_MODE") is null ? _source.Text("NODE_ENV") is "development" : _source.Flag("CLAW_DEV_MODE"),
        ShowsStats = _source.Flag("CLAW_ENABLE_STATS"),
        ShowsPages = _source.Flag("Pages", Defaults.ShowsPages),
        ShowsAdmin = Admin(),
        AdminPassword = _source.Text("AdminPassword"),
        IsAdminInsecure = _source.Flag("AdminInsecure"),
        AdminSecret = _source.Text("AdminSecret"),
        HasMcp = _source.Flag("Mcp", Defaults.HasMcp),
        ServerApiKey = _source.Text("CENTRIFUGO_API_KEY"),
        ServerApiInsecure = _source.Flag("ServerApiInsecure"),
        ServerApiErrorsAreStatuses = ErrorMode(),
        IsServerApiExternal = _source.Flag("ServerApiExternal"),
        MaxLocks = _source.Number("MaxLocks", Defaults.MaxLocks, 0, 1_000_000),
        MaxGrantsPerChannel = _source.Number("MaxGrantsPerChannel", Defaults.MaxGrantsPerChannel, 0, 1_000_000),
        MaxAdvertisements = _source.Number("MaxAdvertisements", Defaults.MaxAdvertisements, 0, 1_000_000),
        ShowsProxyEndpoints = _source.Flag("ProxyEndpoints"),
        MaxGrants = _source.Number("MaxGrants", Defaults.MaxGrants, 0, 10_000_000),
        ServerApiPath = _source.Path("ServerApiPath", Defaults.ServerApiPath),
        IsAdminExternal = _source.Flag("AdminExternal"),
        AdminPath = _source.Path("AdminPath", Defaults.AdminPath),
        ApiPagePath = _source.Text("ApiPagePath") is null ? null : _source.Path("ApiPagePath", "/swagger"),
        ShowsHealth = _source.Flag("Health", Defaults.ShowsHealth),
        HealthPath = _source.Path("HealthPath", Defaults.HealthPath),
    };

    private bool Admin()
    {
        var isWanted = _source.Flag("Admin");
        if (isWanted && !_source.Flag("AdminInsecure") && _source.Text("AdminPassword") is null && _source.Text("CENTRIFUGO_API_KEY") is null)
        {
            fault("Admin", "nobody could sign in: set AdminPassword, or CENTRIFUGO_API_KEY", "false");
        }

        return isWanted;
    }

    private bool ErrorMode()
    {
        var mode = _source.Text("ServerApiErrorMode");
        if (mode is not (null or "transport"))
        {
            fault("ServerApiErrorMode", $"'{mode}' is not a mode; leave it out to answer errors with HTTP 200", "transport");
        }

        return mode is not null;
    }
}
