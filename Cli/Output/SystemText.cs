using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>The runtime's exceptions in words for people.</summary>
internal static class SystemText
{
    // errno; Windows has numbers of its own for these, above the low bytes of 0x8007.
    private const int NoSpaceLeft = 28;
    private const int WindowsDiskFull = 0x70;

    /// <summary>Why a file, a folder or a pipe could not be used: the end of a sentence.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        UnauthorizedAccessException => "permission denied",
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        PathTooLongException => "its name is too long",
        IOException { HResult: NoSpaceLeft } or IOException { HResult: unchecked((int)0x80070000 | WindowsDiskFull) } => "the disk is full",
        _ => WithoutPath(exception.Message),
    };

    /// <summary>Where a text stops being JSON.</summary>
    public static string Reason(JsonException exception) =>
        exception is { LineNumber: { } line, BytePositionInLine: { } position }
            ? $"it is not JSON at line {line + 1}, byte {position + 1}"
            : "it is not JSON";

    // The system's words come first, then the path, which the message around it names already.
    private static string WithoutPath(string message)
    {
        var end = message.IndexOf(" : '", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}
