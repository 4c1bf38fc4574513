using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ClawEvents.Broker.Transport;

/// <summary>Which sockets serve the broker.</summary>
internal enum TransportKind
{
    /// <summary>Reactors where the system has epoll, otherwise Kestrel's sockets.</summary>
    Auto,

    /// <summary>Reactors.</summary>
    Reactors,

    /// <summary>Kestrel's sockets, on the thread pool.</summary>
    Sockets,
}

/// <summary>Wires sockets: reactors, or Kestrel's own.</summary>
internal static class TransportRoom
{
    /// <summary>Whether reactors serve the broker.</summary>
    public static bool UsesReactors(TransportKind kind) => kind is TransportKind.Reactors || (kind is TransportKind.Auto && OperatingSystem.IsLinux());

    /// <param name="services">The broker's; another room adds the <see cref="IReactorWatch"/>.</param>
    /// <param name="kind">As set.</param>
    /// <param name="reactors">Their number; 0: one for each core.</param>
    /// <param name="maxPipeBytes">See <see cref="ReactorSettings"/>.</param>
    public static void Add(IServiceCollection services, TransportKind kind, int reactors, int maxPipeBytes, SocketLimits limits)
    {
        services.AddSingleton(limits).AddSingleton<SocketGate>().AddSingleton<SocketTransportFactory>().AddSingleton<GatedListenerFactory>().AddSingleton<JudgedEndPoints>();
        services.AddSingleton(provider => new ReactorSettings(
            reactors > 0 ? reactors : Environment.ProcessorCount,
            maxPipeBytes,
            provider.GetRequiredService<SocketGate>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Reactor>>(),
            DeadReactor.EndProcess,
            provider.GetRequiredService<IReactorWatch>()));
        services.AddSingleton<ReactorPool>();
        if (UsesReactors(kind))
        {
            services.AddSingleton<IConnectionListenerFactory, ReactorListenerFactory>();
        }
        else
        {
            services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<GatedListenerFactory>());
        }
    }
}
