using System.Diagnostics;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>The command line of the children.</summary>
/// <param name="Words">The words after <c>--</c>: the program and its arguments, or the shell's script. At least one.</param>
/// <param name="ThroughShell">Whether the words, joined by spaces, are a script for <c>/bin/sh</c>.</param>
/// <param name="WithInput">Whether the JSON goes to standard input.</param>
/// <param name="WithArgument">Whether the JSON is the last argument, if it is not too large for one.</param>
internal sealed record ChildCommand(IReadOnlyList<string> Words, bool ThroughShell, bool WithInput, bool WithArgument)
{
    /// <summary>Bytes an argument, or a variable with its name, can have. Linux: 128 KiB with the zero at its end, whatever the
    /// limit of all together is. Windows: 32,767 characters for the whole command line, in which quotes count twice.</summary>
    public static int MaxArgumentBytes { get; } = OperatingSystem.IsWindows() ? 15_000 : (128 * 1024) - 1;

    /// <summary>The start of a child; null if there is no such program.</summary>
    /// <param name="json">The last argument; null for none.</param>
    /// <param name="variables">Added to this process's environment.</param>
    public ProcessStartInfo? StartInfo(string? json, IEnumerable<(string Name, string Value)> variables)
    {
        if (ChildProgram.Find(ThroughShell ? "/bin/sh" : Words[0], Environment.GetEnvironmentVariable("PATH")) is not { } program)
        {
            return null;
        }
        // In a script the JSON is "$1": text from a stranger never becomes part of the script itself.
        var arguments = ThroughShell ? ["-c", string.Join(' ', Words), "claw.events"] : Words.Skip(1);
        var start = new ProcessStartInfo(program, json is null ? arguments : arguments.Append(json))
        {
            // Empty unless --stdin is given: a child that read this process's own stdin would take it away from the next one.
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }
        return start;
    }
}
