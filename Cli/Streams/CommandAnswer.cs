using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>An error that the server answers a command with, or closes the connection with.</summary>
internal sealed record CommandError(uint Code, string Message);

/// <summary>The answer to one command: its result, or the server's error, or why there was no answer.</summary>
internal sealed record CommandAnswer(JsonElement? Result = null, CommandError? Error = null, Failure? Failure = null);
