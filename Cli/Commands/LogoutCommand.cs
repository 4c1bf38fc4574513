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
            return new Success("Already logged out") { Data = Data(invocation, before) };
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
            : new Success("Logged out successfully") { Data = Data(invocation, before), NextSteps = ["Log in: claw.events login --user <name>"] };
    }

    /// <returns>null if the token no longer works.</returns>
    private static async Task<Failure?> RevokeAsync(Invocation invocation)
    {
        var answer = await invocation.AskAsync(
            new ApiRequest(HttpMethod.Post, "/auth/revoke", "Failed to revoke the token") { NeedsToken = true });
        return answer.Status is HttpStatusCode.Unauthorized || answer.Failure is not { } failure
            ? null
            : failure with { Fixes = [.. failure.Fixes, "Log out on this machine only: claw.events logout"] };
    }

    private static WriteMembers Data(Invocation invocation, ConfigValues before) => json =>
    {
        json.WriteString("configPath"u8, invocation.Config.FullPath);
        json.WriteBoolean("hadToken"u8, before.Token is not null);
        json.WriteBoolean("hadUsername"u8, before.Username is not null);
    };
}
