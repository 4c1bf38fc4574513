namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The program that reads Kafka and the queues of clouds, as it was built: it is never native code.</summary>
internal static class QueuesProgram
{
    /// <inheritdoc cref="BrokerProgram.Start"/>
    public static RunningProcess Start(string folder, string[] arguments, params (string Name, string Value)[] settings) => RunningProcess.Start(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "clawevents-broker-queues.dll"), .. arguments], folder, BrokerProgram.WithDefaults(folder, settings));
}
