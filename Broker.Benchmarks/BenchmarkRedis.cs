using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Benchmarks;

/// <summary>A redis-server on a free port of the loopback address, which keeps nothing on the disk.</summary>
internal sealed class BenchmarkRedis : IDisposable
{
    /// <param name="arguments">More settings, as on its command line.</param>
    public BenchmarkRedis(params string[] arguments) => Process = Process.Start(new ProcessStartInfo(
        "redis-server",
        ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning", .. arguments])
    {
        RedirectStandardOutput = true,
    })!;

    public int Port { get; } = FreePort();

    public Process Process { get; }

    public string Url => $"redis://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}";

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    // Servers of a cluster speak to each other at a port that is greater by 10,000.
    private static int FreePort()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            if (((IPEndPoint)socket.LocalEndPoint!).Port is var port and < 55_536)
            {
                return port;
            }
        }
    }
}
