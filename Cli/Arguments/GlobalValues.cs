namespace ClawEvents.Cli.Arguments;

/// <summary>What the global options of one command line say; null or false where they are absent.</summary>
internal sealed record GlobalValues(
    string? Config = null,
    string? Server = null,
    string? Token = null,
    bool Json = false,
    bool Help = false,
    bool Version = false,
    bool Verbose = false);
