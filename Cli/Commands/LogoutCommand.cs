using System.CommandLine;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Removes the stored token and name; with <c>--revoke</c>, the server revokes the token, too.</summary>
internal sealed class LogoutCommand : Verb
{
    private readonly Option<bool> _revoke = GlobalOptions.Flag("--revoke").WithHelp("Also revoke the token on the server");

    private const string LogIn = "Log in: claw.events login --user <name>";

    private const string OnlyHere = "Log out on this machine only: claw.events logout";

    private static readonly Failure StillWorks = new("The server did not revoke the token: it works until it expires");

    public LogoutCommand()
        : base("logout", new VerbHelp(
            "Remove the stored token",
            "claw.events logout [--revoke]",
            "registration",
            "claw.events logout",
            "claw.events logout --revoke")) =>
        Options.Add(_revoke);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var before = invocation.Config.Values;
        var revokes = invocation.Parse.Given(_revoke) && invocation.Settings.Token is not null;
        if (before is { Token: null, Username: null } && invocation.Config.Problem is null && !revokes)
        {
            return new Success("Already logged out") { Data = Data(invocation, before), NextSteps = [LogIn] };
        }
        // Checked first: a token must not be revoked on the server and then stay in the file.
        if (invocation.Config.CheckWritable() is { } notWritable)
        {
            return notWritable;
        }
        if (revokes && await RevokeAsync(invocation) is { } notRevoked)
        {
            return notRevoked;
        }
        return invocation.Config.Update(values => values with { Token = null, Username = null, ProfileVerifier = null }) is { } notSaved
            ? notSaved
            : new Success(MessageOf(invocation, revokes)) { Data = Data(invocation, before), NextSteps = NextSteps(invocation) };
    }

    // A variable outlives the file.
    private static string[] NextSteps(Invocation invocation) => invocation.Variable(Settings.TokenVariable) is { Length: > 0 }
        ? [$"{Settings.TokenVariable} is still set: commands use that token until you unset it"]
        : [LogIn];

    private string MessageOf(Invocation invocation, bool revokes) =>
        revokes ? "Logged out successfully, and the token no longer works"
        : invocation.Parse.Given(_revoke) ? "Logged out successfully; there was no token to revoke"
        : "Logged out successfully";

    /// <returns>null if the token no longer works.</returns>
    private static async Task<Failure?> RevokeAsync(Invocation invocation)
    {
        var request = new ApiRequest(HttpMethod.Post, "/auth/revoke", "Failed to revoke the token") { NeedsToken = true };
        var answer = await invocation.AskAsync(request);

        // Some servers say that they have revoked a token that goes on working: only a refused token is a revoked one.
        answer = answer.Failure is null ? await invocation.AskAsync(request) : answer;
        var failure = answer.Failure ?? StillWorks;
        return answer.Status is HttpStatusCode.Unauthorized ? null : failure with { Fixes = [.. failure.Fixes, OnlyHere] };
    }

    private static WriteMembers Data(Invocation invocation, ConfigValues before) => json =>
    {
        json.WriteString("configPath"u8, invocation.Config.FullPath);
        json.WriteBoolean("hadToken"u8, before.Token is not null);
        json.WriteBoolean("hadUsername"u8, before.Username is not null);
    };
}
