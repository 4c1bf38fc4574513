namespace ClawEvents.Broker.Configuration;

/// <summary>The visibility of the HTTP API and the limits per owner. docs/reference/settings.md</summary>
/// <remarks>Settable ones change in place on a reload, and every read has the newest. Thread-safe.</remarks>
internal sealed record ApiOptions
{
    /// <summary><c>CLAW_DEV_MODE</c>, or <c>NODE_ENV</c> if that is not set: gives a token to any client. Never use it on a public address.</summary>
    public bool DevMode { get; init; }

    /// <summary><c>CLAW_ENABLE_STATS</c>: shows the page of statistics, as development mode always does.</summary>
    public bool ShowsStats { get; init; }

    /// <summary><c>Pages</c>: the pages for people, the documentation and the texts for agents.</summary>
    public bool ShowsPages { get; init; } = true;

    /// <summary><c>Admin</c>: the console for operators, at <c>/admin</c>.</summary>
    public bool ShowsAdmin { get; init; }

    /// <summary><c>AdminPassword</c>; null: only the key of the server API opens the console.</summary>
    public string? AdminPassword { get; init; }

    /// <summary><c>AdminInsecure</c>: the console needs no sign-in. Whoever reaches it is an operator, who may give out tokens of any user.</summary>
    public bool IsAdminInsecure { get; init; }

    /// <summary><c>AdminSecret</c>: signs the sessions of the console; null: <c>JWT_SECRET</c> does.</summary>
    public string? AdminSecret { get; init; }

    /// <summary><c>Mcp</c>: the tools for agents, at <c>/mcp</c>.</summary>
    public bool HasMcp { get; init; } = true;

    /// <summary><c>CENTRIFUGO_API_KEY</c>; null to close the server API.</summary>
    public string? ServerApiKey { get; init; }

    /// <summary><c>ServerApiInsecure</c>: the server API needs no key. For trying things out, or behind a proxy that keeps strangers away.</summary>
    public bool ServerApiInsecure { get; set; }

    /// <summary><c>ServerApiErrorMode</c> is <c>transport</c>: errors of the server API are reported by HTTP status.</summary>
    public bool ServerApiErrorsAreStatuses { get; set; }

    /// <summary><c>MaxLocks</c>: limit of locked channels per owner.</summary>
    public int MaxLocks { get; set; } = 10_000;

    /// <summary><c>MaxGrantsPerChannel</c>.</summary>
    public int MaxGrantsPerChannel { get; set; } = 10_000;

    /// <summary><c>MaxAdvertisements</c> of one owner; each can have some 40 KB.</summary>
    public int MaxAdvertisements { get; set; } = 1_000;

    /// <summary><c>ServerApiExternal</c>: the server API is on both ports.</summary>
    public bool IsServerApiExternal { get; init; }

    /// <summary><c>ProxyEndpoints</c>: <c>/proxy/*</c> answers on the public port without a key. Its answers say who may do what.</summary>
    public bool ShowsProxyEndpoints { get; set; }

    /// <summary><c>MaxGrants</c>: limit of grants per owner, over all its channels.</summary>
    public int MaxGrants { get; set; } = 20_000;

    /// <summary><c>ServerApiPath</c>: where the server API is.</summary>
    public string ServerApiPath { get; init; } = "/api";

    /// <summary><c>AdminExternal</c>: the console is on both ports.</summary>
    public bool IsAdminExternal { get; init; }

    /// <summary><c>AdminPath</c>: leads to the console, too.</summary>
    public string AdminPath { get; init; } = "/admin";

    /// <summary><c>ApiPagePath</c>: leads to the page about the HTTP API; null: no other path does.</summary>
    public string? ApiPagePath { get; init; }

    /// <summary><c>Health</c>: there is an answer about the broker's health.</summary>
    public bool ShowsHealth { get; init; } = true;

    /// <summary><c>HealthPath</c>.</summary>
    public string HealthPath { get; init; } = "/health";

    /// <summary>Takes over what a reload changes.</summary>
    public void ApplySettings(ApiOptions fresh)
    {
        ServerApiInsecure = fresh.ServerApiInsecure;
        ServerApiErrorsAreStatuses = fresh.ServerApiErrorsAreStatuses;
        MaxLocks = fresh.MaxLocks;
        MaxGrantsPerChannel = fresh.MaxGrantsPerChannel;
        MaxGrants = fresh.MaxGrants;
        MaxAdvertisements = fresh.MaxAdvertisements;
        ShowsProxyEndpoints = fresh.ShowsProxyEndpoints;
    }
}
