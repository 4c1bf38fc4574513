using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Doctor;

/// <summary>What to examine.</summary>
/// <param name="Settings">Those that the broker would run with.</param>
/// <param name="Machine">Where its limits are read.</param>
internal sealed record Examination(StartupSettings Settings, Machine Machine)
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The address that clients use; null: only the machine and the settings are examined.</summary>
    public Uri? Url { get; init; }

    /// <summary>A client's, for <see cref="Url"/>; null: anonymous.</summary>
    public string? Token { get; init; }

    /// <summary>The most that a silent connection through <see cref="Url"/> is watched.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(60);

    private BrokerOptions Options => Settings.Options;

    /// <summary>Runs all checks. It changes nothing, and takes some seconds; with <see cref="Url"/> up to <see cref="Wait"/> more.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync()
    {
        using var address = Url is null ? null : new PublicAddress(Url, Token, Wait, Options, Time);
        var far = await Task.WhenAll(
        [
            .. Options.State.Redis.Select((redis, index) => new RedisExam(redis, holdsState: index == 0, Time).RunAsync()),
            new FarServers(Options, Time).RunAsync(),
            .. address is null ? Array.Empty<Task<(IReadOnlyList<Finding>, IReadOnlyList<ToldTime>)>>() : [address.RunAsync()],
        ]);
        return
        [
            .. SettingFindings(),
            .. new LimitChecks(Machine, Options).Run(),
            .. new DataFolderChecks(Machine, Options).Run(),
            .. ClockChecks.Run([.. far.SelectMany(part => part.Item2)]),
            .. CertificateChecks.Run(Options.Listeners, Time.GetUtcNow()),
            .. new ExposureChecks(Options).Run(),
            .. far.SelectMany(part => part.Item1),
        ];
    }

    private IEnumerable<Finding> SettingFindings()
    {
        const string check = "settings";
        foreach (var fault in Settings.Faults)
        {
            yield return Finding.Fault(check, fault, "correct it; the broker does not start with it, and the other checks here use its default");
        }

        foreach (var unknown in Settings.Unknown)
        {
            yield return Finding.Warning(check, unknown, "correct or remove it");
        }

        if (Settings.Faults.Count + Settings.Unknown.Count == 0)
        {
            yield return Finding.Ok(check, "valid");
        }
    }
}
