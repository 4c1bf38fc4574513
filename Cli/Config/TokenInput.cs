using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>A token from stdin: among the arguments it would be visible to every user who can list processes.</summary>
internal static class TokenInput
{
    private const int MaxTokenBytes = 64 * 1024;

    /// <summary>Replaces <c>-</c> by the token on stdin.</summary>
    /// <returns>The error if there is none.</returns>
    public static (GlobalValues Globals, Failure? Failure) Read(GlobalValues globals)
    {
        if (globals is not { Token: "-", Help: false })
        {
            return (globals, null);
        }
        try
        {
            var token = Encoding.UTF8.GetString(StandardInput.ReadAll(MaxTokenBytes) ?? []).Trim();
            return token.Length > 0
                ? (globals with { Token = token, TokenIsFromInput = true }, null)
                : (globals, new Failure("No token on standard input", "Pipe it in: --token - < token.txt"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (globals, new Failure($"Cannot read standard input: {SystemText.Reason(exception)}", "Pipe the token in, or set CLAW_TOKEN"));
        }
    }
}
