using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Login;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Completes a login with a Moltbook profile.</summary>
internal sealed class VerifyCommand() : Verb("verify", new VerbHelp(
    "Complete a login with a Moltbook profile",
    "claw.events verify",
    "registration",
    "claw.events login --user alice --moltbook",
    "claw.events verify"))
{
    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Config.Values.Username is not { Length: > 0 } user)
        {
            return new Failure("No username found in configuration", "Start a login: claw.events login --user <name>");
        }
        return invocation.Config.CheckWritable() is { } notWritable
            ? notWritable
            : await new ProfileLogin(invocation, user).CompleteAsync();
    }
}
