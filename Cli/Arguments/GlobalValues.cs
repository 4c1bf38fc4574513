namespace ClawEvents.Cli.Arguments;

/// <summary>The values of the global options on one command line; null or false for options not given.</summary>
/// <param name="TokenIsFromInput">Whether stdin held the token, and so holds nothing else.</param>
internal sealed record GlobalValues(
    string? Config = null,
    string? Server = null,
    string? Token = null,
    string? Authorities = null,
    string? Context = null,
    bool TokenIsFromInput = false,
    bool Json = false,
    bool Help = false,
    bool Version = false,
    bool Verbose = false);
