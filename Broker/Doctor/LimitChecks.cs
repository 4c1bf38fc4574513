using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Doctor;

/// <summary>Compares what the machine gives the broker with what its settings allow: open files, backlog, memory.</summary>
internal sealed class LimitChecks(Machine machine, BrokerOptions options)
{
    // A running broker's own: libraries, store, back ends, reactors.
    private const int OwnFiles = 220;
    private const int FewClients = 1_000;
    private const int SmallBacklog = 1_024;

    // docs/how-to/size-a-server.md
    private const long MiB = 1024 * 1024;
    private const long OwnMemory = 64 * MiB;
    private const long ConnectionMemory = 2 * 1024;
    private const long TlsConnectionMemory = 40 * 1024;
    private const long HistoryMemory = 1024 * MiB;

    private int WantedConnections => Math.Max(options.Listeners.MaxSockets, options.Connections.MaxConnections);

    public IEnumerable<Finding> Run() => [OpenFiles(), Backlog(), Memory()];

    private Finding OpenFiles()
    {
        const string check = "open-files";
        const string advice = "raise the hard limit: LimitNOFILE= in the systemd unit, --ulimit nofile= of a container, /etc/security/limits.conf for a shell";
        if (!machine.TryReadOpenFiles(out var limit))
        {
            return Finding.Skipped(check, $"the limits of process {machine.Process} cannot be read: run this as its user, on Linux");
        }

        var room = SocketGate.MostSockets(limit, OwnFiles);
        var owner = machine.Process == "self" ? "a process started here (another limit may hold for a service: --pid)" : $"process {machine.Process}";
        var text = $"{owner} may open {(limit is null ? "any number of" : Number(limit.Value))} files";
        return limit is not null && WantedConnections > room
                ? Finding.Fault(check, $"{text}, which leaves {Number(room)} for clients; MaxSockets or MaxConnections is {Number(WantedConnections)}", $"{advice} (at least {Number(WantedConnections + OwnFiles + Math.Max(256, WantedConnections / 31))}), or lower the setting")
            : limit is not null && room < FewClients ? Finding.Warning(check, $"{text}, which leaves {Number(room)} for clients", advice)
            : Finding.Ok(check, text);
    }

    private Finding Backlog()
    {
        const string check = "listen-backlog";
        string[] names = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];
        var found = names.Select(name => (name, value: machine.Kernel(name))).Where(pair => pair.value is not null).ToList();
        var text = string.Join(", ", found.Select(pair => $"{pair.name}={pair.value}"));
        var small = found.Where(pair => pair.value < SmallBacklog).ToList();
        return found.Count == 0 ? Finding.Skipped(check, "the kernel does not tell its backlog")
            : small.Count == 0 ? Finding.Ok(check, text)
            : Finding.Warning(check, $"{text}: clients that come back together find no room to wait in", $"sysctl -w {string.Join(" ", small.Select(pair => $"{pair.name}=4096"))}, and the same in /etc/sysctl.d");
    }

    private Finding Memory()
    {
        const string check = "memory";
        if (machine.ReadMemory() is not { } limit)
        {
            return Finding.Skipped(check, "the memory limit cannot be read");
        }

        var connections = options.Connections.MaxConnections * (options.Listeners.UsesTls ? TlsConnectionMemory : ConnectionMemory);
        var histories = options.State.Redis.Count == 0 ? HistoryMemory : 0;
        var text = $"{limit / MiB} MiB for the broker";
        const string advice = "raise the memory limit, or lower MaxConnections and MaxQueuedBytes; docs/how-to/size-a-server.md";
        return OwnMemory + connections > limit ? Finding.Fault(check, $"{text}, but MaxConnections={options.Connections.MaxConnections} needs {(OwnMemory + connections) / MiB} MiB", advice)
            : options.Connections.MaxQueuedBytes > limit / 16 ? Finding.Warning(check, $"{text}: a few clients that do not read may fill it (MaxQueuedBytes={options.Connections.MaxQueuedBytes})", advice)
            : OwnMemory + connections + histories > limit ? Finding.Warning(check, $"{text}, and histories alone may take {histories / MiB} MiB", "raise the memory limit, or keep shorter histories (history_size); docs/how-to/size-a-server.md")
            : Finding.Ok(check, text);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
