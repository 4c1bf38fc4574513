using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker;

/// <summary>A broker that is ready to start: its rooms on Kestrel.</summary>
internal static class BrokerApplication
{
    /// <param name="options">Checked by <see cref="BrokerOptionsReader"/>.</param>
    /// <param name="configure">Changes services and logging last; tests replace the clock here.</param>
    /// <exception cref="IOException">The data folder or a file in it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The data folder or a file in it belongs to another user.</exception>
    /// <exception cref="CertificateException">The TLS files are invalid, or the certificate is not valid now.</exception>
    /// <exception cref="StoreRefusedException">Redis refuses the connection.</exception>
    public static WebApplication Build(BrokerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        // Before the store is opened: its faults concern the same folder and come out the same way.
        var secret = SigningSecret.Of(options.Identity.JwtSecret, options.State.DataFolder);

        // The empty builder: the default one watches files and loads hosting parts that cost a third of the start-up time.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => BrokerListeners.Configure(kestrel, options));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Listeners.ShutdownTimeout);

        // It begins here; what is wrong with the store is thrown where it is asked for, before anything listens.
        var opening = new StoreOpening(options.State);
        BrokerRooms.Add(builder.Services, options, secret, opening.Finish);
        configure?.Invoke(builder);
        var application = builder.Build();
        TelemetryRoom.Start(application.Services);
        BrokerRooms.Map(application, options);
        NodesRoom.Start(application.Services);

        // Before the server stops: clients are told to reconnect, which a load balancer turns into another node.
        application.Lifetime.ApplicationStopping.Register(application.Services.GetRequiredService<Drain>().Finish);
        return application;
    }
}
