namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Where the broker of a test keeps its state.</summary>
public enum TestStore
{
    /// <summary>The default: a file in a folder of its own.</summary>
    Sqlite,

    /// <summary>A database of its own on the tests' common redis-server.</summary>
    Redis,
}
