using System.CommandLine;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Forgets the stored token and name; if asked, the server forgets the token, too.</summary>
internal sealed class LogoutCommand : Verb
{
    private readonly Option<bool> _revoke = GlobalOptions.Flag("--revoke").For("End the token on the server, too");

    public LogoutCommand()
        : base("logout", new VerbHelp(
            "Forget the stored token",
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
        // Asked first: a token that was ended and is still stored would be in the way of the next login's user.
        if (invocation.Config.CheckWritable() is { } notWritable)
        {
            return notWritable;
        }
        if (revokes && await RevokeAsync(invocation) is { } notRevoked)
        {
            return notRevoked;
        }
        return invocation.Config.Update(values => values with { Token = null, Username = null }) is { } notSaved
            ? notSaved
            : new Success("Logged out successfully") { Data = Data(invocation, before), NextSteps = ["Log in: claw.events login --user <name>"] };
    }

    /// <summary>null: the token does not work any more.</summary>
    private static async Task<Failure?> RevokeAsync(Invocation invocation)
    {
        var answer = await invocation.AskAsync(
            new ApiRequest(HttpMethod.Post, "/auth/revoke", "Failed to revoke the token") { NeedsToken = true });
        return answer.Status is HttpStatusCode.Unauthorized || answer.Failure is not { } failure
            ? null
            : failure with { Fixes = [.. failure.Fixes, "Log out only here: claw.events logout"] };
    }

    private static WriteMembers Data(Invocation invocation, ConfigValues before) => json =>
    {
        json.WriteString("configPath"u8, invocation.Config.FullPath);
        json.WriteBoolean("hadToken"u8, before.Token is not null);
        json.WriteBoolean("hadUsername"u8, before.Username is not null);
    };
}
