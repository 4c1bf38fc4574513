using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(ClawEvents.Broker.Benchmarks.BenchmarkChannels).Assembly).Run(args);
