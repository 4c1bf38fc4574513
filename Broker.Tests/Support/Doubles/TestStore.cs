namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>The kind of store of a test's broker.</summary>
public enum TestStore
{
    /// <summary>The default: a file in a folder of its own.</summary>
    Sqlite,

    /// <summary>A database of its own on the tests' common redis-server.</summary>
    Redis,
}
