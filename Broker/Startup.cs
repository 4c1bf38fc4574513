using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Transport;
using Microsoft.Extensions.Hosting.Systemd;

namespace ClawEvents.Broker;

/// <summary>Runs the broker: reports faults, announces the address, reloads on a signal, returns the exit code.</summary>
internal static class Startup
{
    /// <summary>Reports faults of the settings. The exit code is EX_CONFIG of sysexits.</summary>
    public static int Refuse(IEnumerable<string> faults)
    {
        const int wrongConfiguration = 78;
        ErrorOutput.Write(faults);
        return wrongConfiguration;
    }

    /// <summary>Builds a broker and runs it until SIGINT or SIGTERM.</summary>
    /// <param name="queues">Kinds of queues that this program adds.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, IReadOnlyList<ConsumerKind> queues)
    {
        string[] types = [.. queues.Select(kind => kind.Type)];
        StartupSettings Read() => StartupSettings.Read(arguments, types);
        var settings = Read();
        if (settings.Faults.Count > 0)
        {
            return Refuse(settings.Faults);
        }

        string[] notices = [.. NoticesOf(settings)];
        if (StartLog.IsForPeople(settings.Options))
        {
            ErrorOutput.Write(notices);
            notices = [];
        }

        using var files = ProcessFiles.Open(settings.Options.Listeners, out var fault);
        return fault is null ? await RunAsync(settings, notices, queues, Read, files) : Refuse([fault]);
    }

    private static IEnumerable<string> NoticesOf(StartupSettings settings)
    {
        if (settings.Ignored.Count > 0)
        {
            yield return $"Centrifugo settings without effect here, ignored: {string.Join(", ", settings.Ignored)}";
        }

        foreach (var name in settings.Unknown)
        {
            yield return name;
        }

        if (settings.Options.Identity.ClientTokens.SkipsSignatures)
        {
            yield return "SkipTokenSignatures: token signatures are not verified: any client can claim any identity. Do not use in production.";
        }

        if (settings.Options.Api is { ShowsAdmin: true, IsAdminInsecure: true })
        {
            yield return "AdminInsecure: the console needs no sign-in: anyone who reaches it is an operator, and can give out tokens of any user. Do not use in production.";
        }

        if (settings.Options.Identity is { ClientTokens.HasAnyKeysAddress: true } or { SubscriptionTokens.HasAnyKeysAddress: true })
        {
            yield return "TokenJwksAnyValue: a token chooses by any text of a form from where its keys are fetched: anyone who has keys at such an address can claim any identity. List the texts in the pattern, then remove this setting.";
        }

        if (settings.Options.Identity.HasShortSecret)
        {
            yield return "AllowShortSecrets: a secret is shorter than 32 bytes, and anyone who guesses it can claim any identity. Change it as docs/how-to/migrate-from-centrifugo.md says, then remove this setting.";
        }

        if (settings.Options.Identity.AllowUnboundProfileLogin)
        {
            yield return "AllowUnboundProfileLogin: any client that reads a new signature in a profile first gets the token. Update the clients, then remove this setting.";
        }
    }

    private static async Task<int> RunAsync(StartupSettings settings, string[] notices, IReadOnlyList<ConsumerKind> queues, Func<StartupSettings> read, ProcessFiles files)
    {
        WebApplication broker;
        try
        {
            broker = BrokerApplication.Build(settings.Options, builder => AddProgram(builder, settings, queues));
        }
        catch (Exception exception) when (StartFault.Describe(exception, settings.Options) is { } fault)
        {
            return Refuse([fault]);
        }

        await using (broker)
        {
            broker.Services.GetRequiredService<StartLog>().Warn(notices);
            var reload = broker.Services.GetRequiredService<SettingsReload>();
            var systemd = broker.Services.GetRequiredService<Systemd>();
            using var hangUp = HangUpSignal.Register(() => systemd.Reload(() =>
            {
                if (files.ReopenLog() is { } reason)
                {
                    broker.Services.GetRequiredService<StartLog>().Warn([$"LogFile: the log goes on in the former file: {reason}"]);
                }

                reload.Run(read);
            }));
            return await RunAsync(broker, settings.Options);
        }
    }

    private static void AddProgram(WebApplicationBuilder builder, StartupSettings settings, IReadOnlyList<ConsumerKind> queues)
    {
        foreach (var kind in queues)
        {
            builder.Services.AddSingleton(kind);
        }

        var current = new CurrentSettings(settings);
        builder.Services.AddSingleton(current).AddSingleton<SettingsInUse>().AddSingleton<SettingsReload>().AddSingleton(settings.Options).AddSingleton<StartLog>();
        builder.Services.AddSingleton<IHostLifetime, StopSignals>().AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<Systemd>();
        ConsoleLog.Add(builder.Logging, new ConfigurationBuilder().Add(current).Build().GetSection("Logging"));
    }

    private static async Task<int> RunAsync(WebApplication broker, BrokerOptions options)
    {
        try
        {
            await broker.StartAsync();
        }
        catch (CannotListenException exception)
        {
            return Refuse([StartFault.Describe(exception, options)]);
        }

        var log = broker.Services.GetRequiredService<StartLog>();
        log.Announce(broker);
        broker.Services.GetRequiredService<Systemd>().Start(log.AddressOf(broker));
        broker.Lifetime.ApplicationStopping.Register(() => log.Stopping(broker.Services.GetRequiredService<OpenConnections>().All().Count));
        await broker.WaitForShutdownAsync();
        log.Stopped();
        return 0;
    }
}
