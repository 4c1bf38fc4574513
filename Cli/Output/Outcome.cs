using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>Writes the members of one JSON object; the caller writes the braces. Both outputs are made from it, so the order of
/// the members is the order users see.</summary>
internal delegate void WriteMembers(Utf8JsonWriter json);

/// <summary>How a command ended. Commands return it, <see cref="IOutput"/> shows it, the process exits with its code.</summary>
internal abstract record Outcome(int ExitCode);

/// <summary>A success, shown on stdout; exit code 0.</summary>
internal sealed record Success(string Message) : Outcome(0)
{
    /// <summary>Whether the message says that something is so, which a check mark confirms; otherwise it only informs.</summary>
    public bool Confirms { get; init; } = true;

    public WriteMembers? Data { get; init; }

    public IReadOnlyList<string> NextSteps { get; init; } = [];

    public IReadOnlyList<string> Documentation { get; init; } = [];
}

/// <summary>An error: one line that says what is wrong and at least one next step, on stderr; exit code 1.</summary>
/// <param name="Error">Never holds a token.</param>
/// <param name="Fixes">Steps to fix it, one line each.</param>
internal sealed record Failure(string Error, params IReadOnlyList<string> Fixes) : Outcome(1)
{
    /// <summary>The error in words for people, where <see cref="Error"/> quotes an answer for programs; null if they are the same.</summary>
    public string? Plain { get; init; }

    /// <summary>Data that people see and programs find in <see cref="Error"/>; null for none.</summary>
    public WriteMembers? PlainData { get; init; }

    /// <summary>Further lines for people, such as the reasons of a refused connection; JSON output leaves them out.</summary>
    public string? Details { get; init; }

    public WriteMembers? Data { get; init; }

    public IReadOnlyList<string> Documentation { get; init; } = [];
}

/// <summary>The command wrote its own output already (<c>sub</c>); only the exit code is left.</summary>
internal sealed record Finished(int Code) : Outcome(Code);
