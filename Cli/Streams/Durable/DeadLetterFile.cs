using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Durable;

/// <summary>A file that only its owner can read, with one line for each message that was given up.</summary>
internal sealed class DeadLetterFile(string path) : IDeadLetters
{
    private readonly Lock _gate = new();

    public string Place => path;

    public Task<string?> KeepAsync(byte[] letter)
    {
        try
        {
            lock (_gate)
            {
                using var file = PrivateFile.OpenAlone(Path.GetFullPath(path), FileMode.Append);
                file.Write([.. letter, .. "\n"u8]);
                file.Flush(flushToDisk: true);
            }
            return Task.FromResult<string?>(null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<string?>($"Cannot write {path}: {SystemText.Reason(exception)}");
        }
    }
}
