namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The program that reads Kafka, as it was built: it is never native code.</summary>
internal static class KafkaProgram
{
    /// <inheritdoc cref="BrokerProgram.Start"/>
    public static RunningProcess Start(string folder, string[] arguments, params (string Name, string Value)[] settings) => RunningProcess.Start(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "clawevents-broker-kafka.dll"), .. arguments], folder, BrokerProgram.WithDefaults(folder, settings));
}
