using System.Globalization;
using BenchmarkDotNet.Running;
using ClawEvents.Broker.Benchmarks;
using ClawEvents.Broker.Benchmarks.Cluster;
using ClawEvents.Broker.Benchmarks.Transport;

if (args is ["nodes", ..])
{
    await NodesRun.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3);
    return;
}

if (args is ["cluster", ..])
{
    await ClusterRun.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2);
    return;
}

if (args is ["reactors", ..])
{
    ReactorsRun.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(BenchmarkChannels).Assembly).Run(args);
