using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The sockets of a test's broker.</summary>
public enum TestTransport
{
    /// <summary>What <see cref="TestTransports.Variable"/> says, otherwise the broker's own choice.</summary>
    Default,

    /// <summary>Reactors.</summary>
    Reactors,

    /// <summary>Kestrel's sockets.</summary>
    Sockets,
}

/// <summary>The transports that this system has.</summary>
public static class TestTransports
{
    /// <summary>The environment variable that names a transport for all brokers of tests; docs/contributing/README.md.</summary>
    public const string Variable = "CLAW_TEST_TRANSPORT";

    /// <summary>The source of fixtures that run on each of them.</summary>
    public static IReadOnlyList<TestTransport> All { get; } = OperatingSystem.IsLinux() ? [TestTransport.Reactors, TestTransport.Sockets] : [TestTransport.Sockets];

    /// <summary>The setting <c>Transport</c> of a broker whose test leaves it open.</summary>
    internal static TransportKind Default { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? Enum.Parse<TransportKind>(name, ignoreCase: true) : TransportKind.Auto;

    internal static TransportKind KindOf(TestTransport transport) => transport switch
    {
        TestTransport.Reactors => TransportKind.Reactors,
        TestTransport.Sockets => TransportKind.Sockets,
        _ => Default,
    };
}
