using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Benchmarks;

/// <summary>A redis-server on a free port of the loopback address, which keeps nothing on the disk.</summary>
internal sealed class BenchmarkRedis : IDisposable
{
    private readonly string _port = FreePort().ToString(CultureInfo.InvariantCulture);

    public BenchmarkRedis() => Process = Process.Start(new ProcessStartInfo(
        "redis-server", ["--port", _port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"])
    {
        RedirectStandardOutput = true,
    })!;

    public Process Process { get; }

    public string Url => $"redis://127.0.0.1:{_port}";

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
