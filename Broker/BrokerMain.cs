using ClawEvents.Broker.Administration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker;

/// <summary>What a program of the broker does: one of its commands, or it runs the broker.</summary>
internal static class BrokerMain
{
    /// <param name="queues">Kinds of queues that this program reads besides those that every one reads.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] arguments, IReadOnlyList<ConsumerKind> queues)
    {
        BundledLibraries.Register();
        return BrokerCommand.Find(arguments) is { } command
            ? command.RunAsync(arguments, new CommandHost([.. queues.Select(kind => kind.Type)]))
            : Startup.RunAsync(arguments, queues);
    }
}
