using System.Globalization;
using BenchmarkDotNet.Running;
using ClawEvents.Broker.Benchmarks;
using ClawEvents.Broker.Benchmarks.Cluster;

if (args is ["nodes", ..])
{
    await NodesRun.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(BenchmarkChannels).Assembly).Run(args);
