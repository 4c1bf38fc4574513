using ClawEvents.Broker.State.Embedded;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A data folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-state-");

    public string Path => _folder.FullName;

    public string StateFile => System.IO.Path.Combine(Path, "state.db");

    /// <summary>The embedded store in this folder; its file has the newest version unless stated otherwise.</summary>
    public SqliteStateStore OpenStore(TimeProvider? time = null, IReadOnlyList<string>? migrations = null, ILogger<SqliteStateStore>? logger = null) =>
        new(Broker.State.Embedded.StateFile.Open(Path, migrations), time ?? TimeProvider.System, logger ?? NullLogger<SqliteStateStore>.Instance);

    public void Dispose() => _folder.Delete(recursive: true);
}
