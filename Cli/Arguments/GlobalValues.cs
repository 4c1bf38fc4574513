namespace ClawEvents.Cli.Arguments;

/// <summary>The values of the global options on one command line; null or false for options not given.</summary>
internal sealed record GlobalValues(
    string? Config = null,
    string? Server = null,
    string? Token = null,
    string? Authorities = null,
    bool Json = false,
    bool Help = false,
    bool Version = false,
    bool Verbose = false);
